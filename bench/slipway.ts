import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { type Db, openDb } from '~/db/open'
import { machines } from '~/db/schema'
import { createTerminalLink } from '~/db/sign-in-links'
import { freePort } from '../test/support/free-port'
import { startRedis } from '../test/support/redis'

export const LOOK_EVERY_MS = 5

/** Slipway as it is built, with a Redis and a folder of its own. Needs a build and a redis-server. */
export async function startSlipway(settings: Record<string, string> = {}) {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const redis = await startRedis(join(folder, 'redis'))
  const dataDir = join(folder, 'data')
  const env: Record<string, string | undefined> = {
    ...process.env,
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    PORT: String(port),
    LOG_LEVEL: 'error',
    TOKEN_CHECKS: 'off',
    NODE_ENV: 'production',
    ...settings,
  }
  const run = (program: string) =>
    spawn(process.execPath, [program], { env: env as NodeJS.ProcessEnv, stdio: 'inherit' })
  await once(run('build/tools/migrate.js'), 'exit')
  const worker = run('build/worker/index.js')
  const web = run('build/web/index.js')
  const ended = Promise.all([once(worker, 'exit'), once(web, 'exit')])
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) await pause(50)
  return {
    url,
    folder,
    dataDir,
    redisUrl: redis.url,
    ...(await client(url, dataDir)),
    async end() {
      worker.kill('SIGINT')
      web.kill('SIGTERM')
      await ended
      await redis.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type RunningSlipway = Awaited<ReturnType<typeof startSlipway>>

async function client(url: string, dataDir: string) {
  const db = openDb(join(dataDir, 'slipway.db'))
  const cookie = await signInAsAdmin(url, db)
  const call = async <T>(procedure: string, input: object) => {
    const answer = await fetch(`${url}/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: url, Cookie: cookie },
      body: JSON.stringify(input),
    })
    if (!answer.ok) throw new Error(`${procedure}: ${answer.status} ${await answer.text()}`)
    return ((await answer.json()) as { result: { data: T } }).result.data
  }
  // Prepared, as eight that look would keep a processor from what is measured.
  const find = db
    .select({ status: machines.status })
    .from(machines)
    .where(eq(machines.id, sql.placeholder('id')))
    .prepare()
  const reaches = async (id: string, wanted: string) => {
    for (;;) {
      const row = find.get({ id })
      if (row?.status === wanted) return
      if (row?.status === 'failed') throw new Error('the launch failed')
      await pause(LOOK_EVERY_MS)
    }
  }
  return {
    db,
    /** Calls a mutation as the administrator. */
    call,

    /** Returns once the machine runs. @returns its id */
    async launch(): Promise<string> {
      const { id } = await call<{ id: string }>('machines.launch', { kind: 'comfyui' })
      await reaches(id, 'running')
      return id
    },

    /** Returns once it has stopped. */
    async stop(id: string): Promise<void> {
      await call('machines.stop', { id })
      await reaches(id, 'stopped')
    },
  }
}

/** @returns the cookie of a new session */
export async function signInAsAdmin(url: string, db: Db): Promise<string> {
  const answer = await fetch(`${url}/sign-in/${createTerminalLink(db, Date.now)}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: url, 'Content-Type': 'application/x-www-form-urlencoded' },
  })
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0]
  if (!cookie) throw new Error(`signing in answered ${answer.status}`)
  return cookie
}
