import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openDb } from '~/db/open'
import { freePort } from '~/test/support/free-port'
import { signInAsAdmin } from '../slipway'
import type { Amounts } from './amounts'
import { seed } from './seed'

/**
 * A web process as it is built on a database that is filled first; no worker changes what is measured.
 * @param cwd where it runs, when not in Slipway's own folder
 */
export async function startWeb(
  folder: string,
  amounts: Amounts,
  redisUrl: string,
  { cwd = process.cwd() } = {},
) {
  mkdirSync(folder, { recursive: true })
  const db = openDb(join(folder, 'slipway.db'))
  seed(db, folder, amounts)
  const port = await freePort()
  const url = `http://localhost:${port}`
  const metricsToken = randomBytes(32).toString('hex')
  const settings = {
    METRICS_TOKEN: metricsToken,
    DATA_DIR: folder,
    REDIS_URL: redisUrl,
    PORT: String(port),
    LOG_LEVEL: 'error',
  }
  const env = { PATH: process.env.PATH, NODE_ENV: 'production' as const, TOKEN_CHECKS: 'off', ...settings }
  const web = spawn(process.execPath, [resolve('build/web/index.js')], { cwd, env, stdio: 'inherit' })
  const ended = once(web, 'exit')
  while (!(await fetch(`${url}/healthz`).catch(() => undefined))?.ok) {
    if (web.exitCode !== null) throw new Error('The web process ended.')
    await pause(50)
  }
  const cookie = await signInAsAdmin(url, db)
  const session = { Cookie: cookie }
  const prometheus = { Authorization: `Bearer ${metricsToken}` }

  return {
    db,
    url,
    pid: web.pid as number,
    /** What a request of the administrator's says. */
    session,

    /** @returns the answer's status, its body read to the end */
    async get(path: string): Promise<number> {
      const headers = path === '/metrics' ? prometheus : session
      const answer = await fetch(`${url}${path}`, { headers, redirect: 'manual' })
      await answer.arrayBuffer()
      return answer.status
    },

    /** Calls a mutation as the administrator. */
    async call<T>(procedure: string, input: object): Promise<T> {
      const headers = { 'Content-Type': 'application/json', Origin: url, Cookie: cookie }
      const answer = await fetch(`${url}/trpc/${procedure}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(input),
      })
      if (!answer.ok) throw new Error(`${procedure}: ${answer.status} ${await answer.text()}`)
      return ((await answer.json()) as { result: { data: T } }).result.data
    },

    /** Opens the event stream of a machine, as its page does, and reads it. */
    async watch(id: string): Promise<{ next(): Promise<number>; abort(): void }> {
      const closing = new AbortController()
      const input = encodeURIComponent(JSON.stringify({ id }))
      const answer = await fetch(`${url}/trpc/machines.watch?input=${input}`, {
        headers: { Cookie: cookie, Accept: 'text/event-stream' },
        signal: closing.signal,
      })
      if (!answer.ok || !answer.body) throw new Error(`machines.watch: ${answer.status}`)
      let told: (at: number) => void = () => undefined
      const text = new TextDecoder()
      const hear = (piece: Uint8Array) => {
        // A ping has no data that speaks of a machine.
        if (text.decode(piece).includes(id)) told(performance.now())
      }
      answer.body.pipeTo(new WritableStream({ write: hear })).catch(() => undefined)
      return {
        /** @returns when the machine was told of next */
        next: () => new Promise((resolve) => (told = resolve)),
        abort: () => closing.abort(),
      }
    },

    async end(): Promise<void> {
      web.kill('SIGTERM')
      await ended
      db.$client.close()
    },
  }
}
