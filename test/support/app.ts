import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openDb } from '~/db/open'
import { installation } from '~/db/schema'
import { freePort } from './free-port'
import { labelledProcesses } from './processes'
import { startRedis } from './redis'
import { temporaryFolder } from './temp-folder'
import { until } from './until'

const run = promisify(execFile)

/**
 * Slipway as it is built: web and worker as processes of their own, a Redis of their own, everything they
 * write below one folder. Ready when `/readyz` says so.
 * @param env settings besides those that this sets
 */
export async function startApp(env: Record<string, string> = {}) {
  const folder = temporaryFolder()
  const dataDir = env.DATA_DIR ?? join(folder.path, 'data')
  const logs = join(folder.path, 'logs')
  mkdirSync(logs)
  const redis = await startRedis(join(folder.path, 'redis'))
  const port = await freePort()
  const url = `http://localhost:${port}`
  const settings = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    PORT: String(port),
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    LOG_LEVEL: 'debug',
    TOKEN_CHECKS: 'off',
    ...env,
  } as NodeJS.ProcessEnv
  await run(process.execPath, ['build/tools/migrate.js'], { env: settings })
  const start = (name: 'web' | 'worker') => {
    const child = spawn(process.execPath, [`build/${name}/index.js`], {
      env: settings,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(join(logs, name))
    for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false })
    return child
  }
  const [web, worker] = [start('web'), start('worker')]
  const installationId = readInstallationId(dataDir)

  const stop = async () => {
    // Ends the machines as well.
    await end(worker, 'SIGINT')
    await end(web, 'SIGTERM')
    await redis.kill()
    folder.remove()
  }
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  try {
    await until('Slipway is ready', isReady)
  } catch (error) {
    await stop()
    throw error
  }

  const signInLink = async () => {
    const { stdout } = await run(process.execPath, ['build/tools/sign-in-link.js'], { env: settings })
    return stdout.trim()
  }

  return {
    url,
    /** Everything that Slipway and its Redis write is below it. */
    folder: folder.path,
    dataDir,
    redis,
    worker,
    stop,

    /** A new one-time link, as `npm run sign-in-link` prints it. */
    signInLink,

    /** Signs in without a browser. @returns the cookies */
    async signIn(): Promise<string> {
      const link = (await signInLink()).replace(/^.*\/sign-in/, `${url}/sign-in`)
      const answer = await fetch(link, { method: 'POST', headers: { origin: url }, redirect: 'manual' })
      return answer.headers
        .getSetCookie()
        .map((one) => one.split(';')[0])
        .join('; ')
    },

    /** What both processes have logged. */
    logs: () => (['web', 'worker'] as const).map((name) => readFileSync(join(logs, name), 'utf8')),

    /** The processes of one machine's services. */
    processesOf: (machineId: string) =>
      labelledProcesses(installationId).filter((found) => found.machineId === machineId && found.isLeader),
  }
}

export type App = Awaited<ReturnType<typeof startApp>>

function readInstallationId(dataDir: string): string {
  const db = openDb(join(dataDir, 'slipway.db'))
  try {
    return db.select().from(installation).get()?.id ?? ''
  } finally {
    db.$client.close()
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
