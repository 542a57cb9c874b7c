import { setTimeout as pause } from 'node:timers/promises'
import { UnrecoverableError, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { newId } from '../db/ids'
import { beat, signOff } from '../db/workers'
import { issuerChecks } from './checks'
import type { WorkerDeps } from './deps'
import { launch, TryAgain } from './launch'
import { LaunchError } from './launch-errors'
import { type Job, jobSchema, QUEUE_NAME, queuePrefix, redisAddress } from './queue'
import { cloudSaves } from './saves/cloud-saves'
import { stop } from './stop'
import { sweeper } from './sweeper'

const CONCURRENCY = 8
/** How long running work may go on after a shutdown was asked for. */
const CLOSE_LIMIT_MS = 20_000
/** How long the queue may take to close once no work runs; with Redis away it never would. */
const QUEUE_CLOSE_LIMIT_MS = 2000

export interface RunningWorker {
  /** Claims nothing more, gives leases back, and returns when all work has ended, within 20 seconds. */
  close(): Promise<void>
}

/** Starts taking jobs, sweeping and beating. Waits for Redis as long as it takes. */
export function startWorker(deps: WorkerDeps, redisUrl: string): RunningWorker {
  const { db, clock, logger, installation, timings } = deps
  const id = newId()
  const shutdown = new AbortController()
  // Commands of a worker wait for Redis to come back instead of failing.
  const connection = new Redis(redisAddress(redisUrl), {
    maxRetriesPerRequest: null,
    retryStrategy: () => 500,
  })
  connection.on('error', (error) => logger.debug({ reason: error.message }, 'redis'))

  const working = new Set<Promise<void>>()
  const checks = issuerChecks(deps, shutdown.signal)
  const saves = cloudSaves(deps, shutdown.signal)
  async function work(job: Job) {
    try {
      // Not awaited: it must not take the place of a launch.
      if (job.job === 'check-token' || job.job === 'check-model') void checks.begin(job)
      else if (job.job === 'save') saves.begin(job.id)
      else if (job.job === 'launch') await launch(deps, job, shutdown.signal)
      else await stop(deps, job.machineId, shutdown.signal)
    } catch (error) {
      throw forRedis(error, logger)
    }
  }

  const worker = new Worker<Job>(
    QUEUE_NAME,
    async ({ data }) => {
      const running = work(jobSchema.parse(data))
      working.add(running)
      try {
        await running
      } finally {
        working.delete(running)
      }
    },
    {
      connection,
      prefix: queuePrefix(installation.id),
      concurrency: CONCURRENCY,
      // Another worker can claim the machine once the lease has run out, so the job comes back then too.
      lockDuration: timings.leaseMs,
      stalledInterval: Math.ceil(timings.leaseMs / 3),
      maxStalledCount: 5,
      drainDelay: 5,
      settings: {
        backoffStrategy: (_tries, _type, error) => (error instanceof TryAgain ? error.afterMs : 1000),
      },
    },
  )
  worker.on('error', (error) => logger.debug({ reason: error.message }, 'queue'))

  const sweep = sweeper(deps, shutdown.signal)
  const sweeping = every(timings.sweepEveryMs, shutdown.signal, sweep, (error) =>
    logger.error({ err: error }, 'sweep'),
  )
  const beating = every(
    timings.beatEveryMs,
    shutdown.signal,
    async () => beat(db, id, installation.keyring(), clock),
    (error) => logger.error({ err: error }, 'beat'),
  )

  const checking = every(timings.checkEveryMs, shutdown.signal, checks.pass, (error) =>
    logger.error({ err: error }, 'checks'),
  )

  const saving = every(timings.sweepEveryMs, shutdown.signal, saves.pass, (error) =>
    logger.error({ err: error }, 'saves'),
  )

  return {
    async close() {
      shutdown.abort()
      const closed = worker.close().catch((error) => logger.debug({ reason: error.message }, 'queue'))
      const ended = Promise.allSettled([
        ...working,
        sweeping,
        beating,
        checking,
        checks.ended(),
        saving,
        saves.ended(),
      ])
      await Promise.race([ended, pause(CLOSE_LIMIT_MS, undefined, { ref: false })])
      await Promise.race([closed, pause(QUEUE_CLOSE_LIMIT_MS, undefined, { ref: false })])
      connection.disconnect()
      signOff(db, id)
    },
  }
}

/** What Redis may learn of a failure: its class. Everything else is in the database and the log. */
function forRedis(error: unknown, logger: WorkerDeps['logger']): Error {
  if (error instanceof TryAgain) return error
  if (error instanceof LaunchError) return new UnrecoverableError(error.errorClass)
  logger.error({ err: error }, 'job failed')
  return new Error(error instanceof Error ? error.name : 'unknown')
}

async function every(
  intervalMs: number,
  end: AbortSignal,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!end.aborted) {
    await work().catch(onError)
    await pause(intervalMs, undefined, { signal: end }).catch(() => undefined)
  }
}
