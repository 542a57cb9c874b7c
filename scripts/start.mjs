import { once } from 'node:events'
import { join } from 'node:path'
import { build } from './steps/build.mjs'
import { watchBuild } from './steps/build-watch.mjs'
import { checkNode, installDependencies } from './steps/dependencies.mjs'
import { loadDotEnv, makeDataDir, readSettings } from './steps/environment.mjs'
import { killAll } from './steps/keep-running.mjs'
import { tryLock } from './steps/lock.mjs'
import { checkPortIsFree } from './steps/port.mjs'
import { endMachines, migrate, printSignInLink, startWeb, startWorker } from './steps/programs.mjs'
import { waitUntilReady } from './steps/ready.mjs'
import { provideRedis } from './steps/redis.mjs'
import { killRunning, Refusal, runCommand, say } from './steps/shell.mjs'
import { onStopSignals } from './steps/stop-signals.mjs'

/** What is wrong with a Redis that answers, as /readyz names it. */
const REDIS_WARNINGS = {
  redis_eviction_policy:
    'Warning: the Redis of REDIS_URL may throw jobs away. Set its maxmemory-policy to noeviction.',
  redis_memory: 'Warning: the Redis of REDIS_URL is full: nothing launches until it has room (maxmemory).',
}

const dev = process.argv.includes('--dev')
const stop = new AbortController()

onStopSignals({
  first(signal) {
    say(signal === 'SIGINT' ? 'Stopping… (press Ctrl-C again to stop at once)' : 'Stopping…')
    stop.abort(signal)
    killRunning()
  },
  again() {
    killAll()
    killRunning()
    process.exit(130)
  },
})

process.on('exit', killAll)

await runCommand(async () => {
  checkNode(process.versions.node)
  loadDotEnv()
  const settings = readSettings(process.env)
  takeInstallation(settings.dataDir)
  try {
    await checkPortIsFree(settings)
    await installDependencies()
    const changes = dev ? await watchBuild() : undefined
    if (!dev) await build()
    await migrate(process.env)
    stop.signal.throwIfAborted()
    await serve(settings, changes)
  } catch (error) {
    if (!stop.signal.aborted) throw error
  }
})

/**
 * @param {ReturnType<typeof readSettings>} settings
 * @param {import('node:events').EventEmitter} [changes] of the programs, in development
 */
async function serve({ redisUrl, dataDir, localUrl, publicUrl }, changes) {
  const redis = await provideRedis({ redisUrl, dataDir, path: process.env.PATH })
  const own = redisUrl ? '' : ',REDIS_URL:npm start'
  const from = `${process.env.SLIPWAY_SETTINGS_FROM}${own}`
  const env = { ...process.env, REDIS_URL: redis.url, SLIPWAY_SETTINGS_FROM: from }
  const web = startWeb({ env, changes })
  const worker = startWorker({ env, changes })
  try {
    const optional = redis.answers ? Object.keys(REDIS_WARNINGS) : ['redis']
    const ready = waitUntilReady(localUrl, { optional, signal: stop.signal })
    const missing = await Promise.race([ready, web.failed, worker.failed])
    web.trust()
    worker.trust()
    say(`Slipway is ready: ${publicUrl}`)
    if (missing.includes('redis'))
      say('Redis is missing: nothing launches until the one of REDIS_URL answers.')
    for (const [name, warning] of Object.entries(REDIS_WARNINGS)) if (missing.includes(name)) say(warning)
    await printSignInLink(env)
    if (!stop.signal.aborted) await once(stop.signal, 'abort')
  } finally {
    // Ctrl-C stops the machines too, for which the worker needs everything else; SIGTERM leaves them running.
    // One that is down or still starting can't heed the signal, so another does its work.
    if (stop.signal.reason === 'SIGINT' && !(await worker.stop('SIGINT'))) await endMachines(env)
    await Promise.all([worker.stop('SIGTERM'), web.stop('SIGTERM')])
    await redis.server?.stop('SIGTERM')
  }
}

/**
 * One launcher a data folder, as each ends the Redis server that it finds there.
 * @param {string} dataDir
 */
function takeInstallation(dataDir) {
  makeDataDir(dataDir)
  const lock = tryLock(join(dataDir, 'start.lock'))
  if ('heldBy' in lock) {
    throw new Refusal(
      `Slipway already runs on ${dataDir} (process ${lock.heldBy}). Stop that one first, or set DATA_DIR.`,
    )
  }
  process.on('exit', lock.release)
}
