import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { createApiToken } from '~/db/api-tokens'
import type { User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { type SiteOptions, startSite } from '../web/site'

interface RunOptions {
  env?: Record<string, string>
  stdin?: string
  scopes?: string[]
  signal?: AbortSignal
}

/** The web side at an address that other processes reach, and the built command with a token for it. */
export async function startCliSite(options: SiteOptions = {}) {
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const site = await startSite({ ...options, port, env: { PUBLIC_URL: address, ...options.env } })
  const home = mkdtempSync(join(tmpdir(), 'slipway-cli-'))
  onTestFinished(() => rmSync(home, { recursive: true }))

  const tokenOf = (user: User, scopes: string[]) =>
    createApiToken(
      site.db,
      { userId: user.id, type: 'cli', name: 'Test', scopes, expiresAt: null },
      SOMEBODY,
      site.clock,
    ).token
  return {
    site,
    address,
    runcomfy(user: User | undefined, args: string[], { scopes = ['write'], ...rest }: RunOptions = {}) {
      const token = user && { RUNCOMFY_TOKEN: tokenOf(user, scopes) }
      const env = { HOME: home, RUNCOMFY_CONFIG_DIR: home, RUNCOMFY_WEB_BASE: address, ...token, ...rest.env }
      return runProgram(process.execPath, ['build/cli/runcomfy.mjs', ...args], { ...rest, env })
    },
  }
}

/** @param env all that the program has of an environment, besides PATH */
export async function runProgram(
  command: string,
  args: string[],
  { env = {}, stdin = '', signal }: Pick<RunOptions, 'env' | 'stdin' | 'signal'> = {},
) {
  const child = spawn(command, args, {
    env: { NODE_ENV: 'production', PATH: process.env.PATH, ...env },
    signal,
  })
  child.stdin.on('error', () => undefined).end(stdin)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
