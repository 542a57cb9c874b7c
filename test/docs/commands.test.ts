import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiToken } from '~/db/api-tokens'
import { openDb } from '~/db/open'
import { users } from '~/db/schema'
import { createUser, firstAdmin } from '~/db/users'
import { findProgram } from '~/scripts/steps/path.mjs'
import { SOMEBODY } from '../support/actors'
import { type App, startApp } from '../support/app'
import { commandsOf, PAGES } from './markdown'
import { PROOFS, proofOf } from './proofs'

const run = promisify(execFile)

const all = PAGES.flatMap(({ path, text }) => commandsOf(text).map((command) => ({ path, command })))
/** Whether this machine has not got what the command needs besides Slipway. */
const lacks = (command: string) =>
  ['curl', 'jq'].some(
    (program) => new RegExp(`\\b${program} `).test(command) && !findProgram([program], process.env.PATH),
  )
const EXAMPLE_TOKEN = /slipway_api_EXAMPLE\w+/

it('every command of the documentation is proven by something, or says why it is not', () => {
  expect(all.filter(({ command }) => !proofOf(command)).map((one) => `${one.path}: ${one.command}`)).toEqual(
    [],
  )
})

it('every test that is said to prove one is there', () => {
  const missing = PROOFS.flatMap(([, proof]) =>
    'test' in proof && !existsSync(proof.test) ? [proof.test] : [],
  )
  expect(missing).toEqual([])
})

it('every rule is about a command that is there', () => {
  const unused = PROOFS.filter(([pattern]) => !all.some(({ command }) => pattern.test(command)))
  expect(unused.map(([pattern]) => String(pattern))).toEqual([])
})

describe('on a server that runs', () => {
  let app: App
  let bin: string
  let token: string
  let machine = ''
  beforeAll(async () => {
    app = await startApp()
    bin = join(app.folder, 'bin')
    mkdirSync(bin)
    const command = join(bin, 'runcomfy')
    writeFileSync(
      command,
      `#!/bin/sh\nexec '${process.execPath}' '${resolve('build/cli/runcomfy.mjs')}' "$@"\n`,
    )
    chmodSync(command, 0o755)
    writeFileSync(join(bin, 'token.txt'), 'hf_CANARYdocs0123456789\n')
    token = makeToken(app)
    const launched = await bash('runcomfy machines launch --output json')
    machine = JSON.parse(launched).id
  })
  afterAll(() => app.stop())

  /** Runs it as it stands in the documentation, with this server and this machine for those of the examples. */
  async function bash(command: string): Promise<string> {
    const here = command
      .replaceAll(/https:\/\/slipway\.example\.org|http:\/\/localhost:3000/g, app.url)
      .replaceAll(/<(machine|id)>/g, machine)
      .replace(EXAMPLE_TOKEN, '$RUNCOMFY_TOKEN')
      .replace(/'(Authorization: Bearer \$RUNCOMFY_TOKEN)'/, '"$1"')
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: app.folder,
      RUNCOMFY_TOKEN: token,
      RUNCOMFY_WEB_BASE: app.url,
    }
    // A prompt finds a token on its standard input.
    const script = `set -e -o pipefail\n${here}${/set huggingface$/.test(here) ? ' < token.txt' : ''}`
    const { stdout } = await run('bash', ['-c', script], {
      cwd: bin,
      env: env as unknown as NodeJS.ProcessEnv,
    })
    return stdout
  }

  const really = [
    ...new Set(
      all.flatMap(({ command }) => {
        const proof = proofOf(command)
        return proof && 'runs' in proof ? [command] : []
      }),
    ),
  ]
  for (const command of really)
    it.skipIf(!process.env.CI && lacks(command))(command, async () => {
      await bash(command)
    })
})

function makeToken({ dataDir }: App): string {
  const db = openDb(join(dataDir, 'slipway.db'))
  try {
    const { id } = firstAdmin(db) ?? createUser(db, { name: 'Ada', role: 'admin' }, Date.now)
    db.update(users).set({ signedInAt: Date.now() }).run()
    const scopes = ['write', 'admin:read', 'admin:write', 'machines:read', 'machines:write']
    return createApiToken(
      db,
      { userId: id, type: 'api', name: 'Docs', scopes, expiresAt: null },
      SOMEBODY,
      Date.now,
    ).token
  } finally {
    db.$client.close()
  }
}
