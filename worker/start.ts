import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { UnrecoverableError } from 'bullmq'
import { besides } from './besides'
import { issuerChecks } from './checks'
import type { WorkerDeps } from './deps'
import { finishedDownloads } from './finished-downloads'
import { heart } from './heart'
import { launch, TryAgain } from './launch'
import { LaunchError } from './launch-errors'
import { measureDisk } from './measure-disk'
import type { Job } from './queue'
import { keepRequests } from './requests/keep'
import { modelRequests } from './requests/requests'
import { requestTools } from './requests/tools'
import { cloudSaves } from './saves/cloud-saves'
import { stop } from './stop'
import { sweeper } from './sweeper'
import { takeJobs } from './take-jobs'
import { removals, upkeep } from './upkeep'

const STOPS_AT_ONCE = 8
/** How long running work may go on after a shutdown was asked for. */
const CLOSE_LIMIT_MS = 20_000

export interface RunningWorker {
  /** Claims nothing more, gives leases back, and returns when all work has ended, within 20 seconds. */
  close(): Promise<void>
}

/**
 * Starts taking jobs, sweeping and beating. Waits for Redis as long as it takes.
 * @param tools what requests are run with; tests have others
 */
export function startWorker(deps: WorkerDeps, redisUrl: string, tools = requestTools(deps)): RunningWorker {
  const { logger, installation, timings, metrics } = deps
  const shutdown = new AbortController()
  // Whatever runs listens to it, and requests are many.
  setMaxListeners(0, shutdown.signal)

  const checks = issuerChecks(deps, shutdown.signal)
  const saves = cloudSaves(deps, shutdown.signal)
  const requests = modelRequests(deps, tools, shutdown.signal)
  const stops = besides(
    STOPS_AT_ONCE,
    async (machineId) => {
      if (!shutdown.signal.aborted) await stop(deps, machineId, shutdown.signal)
    },
    // The sweeper begins it again once its lease has run out.
    (error, machineId) => logger.warn({ err: error, machineId }, 'stop'),
  )
  async function work(job: Job) {
    try {
      // Of a queue of its own, so it proves nothing about the other one.
      if (job.job === 'request') return requests.begin(job.id)
      life.tookJob()
      if (job.job === 'probe') await life.passOn(job)
      // Only launches are awaited: nothing else is to take their places, or wait for one.
      else if (job.job === 'check-token' || job.job === 'check-model') void checks.begin(job)
      else if (job.job === 'save') saves.begin(job.id)
      else if (job.job === 'stop') stops.begin(job.machineId)
      else await launch(deps, job, shutdown.signal)
    } catch (error) {
      throw forRedis(error, logger)
    }
  }

  const { leaseMs } = timings
  const taking = takeJobs({ redisUrl, installationId: installation.id, leaseMs, work, logger, metrics })
  const life = heart(deps, taking)

  const sweep = sweeper(deps, shutdown.signal, stops.begin)
  const sweeping = every(timings.sweepEveryMs, shutdown.signal, sweep, (error) =>
    logger.error({ err: error }, 'sweep'),
  )
  const beating = every(timings.beatEveryMs, shutdown.signal, life.beat, (error) =>
    logger.error({ err: error }, 'beat'),
  )

  const checking = every(timings.checkEveryMs, shutdown.signal, checks.pass, (error) =>
    logger.error({ err: error }, 'checks'),
  )
  const keepingLogs = every(
    timings.sweepEveryMs,
    shutdown.signal,
    () => deps.runtime.keepLogs(shutdown.signal),
    (error) => logger.error({ err: error }, 'logs'),
  )

  const keepingUp = every(timings.upkeepEveryMs, shutdown.signal, upkeep(deps, shutdown.signal), (error) =>
    logger.error({ err: error }, 'upkeep'),
  )
  const removing = every(timings.upkeepEveryMs, shutdown.signal, removals(deps, shutdown.signal), (error) =>
    logger.error({ err: error }, 'removals'),
  )
  const notingDownloads = every(
    timings.upkeepEveryMs,
    shutdown.signal,
    finishedDownloads(deps, shutdown.signal),
    (error) => logger.error({ err: error }, 'downloads'),
  )
  const measuring = every(
    timings.upkeepEveryMs,
    shutdown.signal,
    () => measureDisk(deps, shutdown.signal),
    (error) => logger.error({ err: error }, 'measuring'),
  )

  const saving = every(timings.sweepEveryMs, shutdown.signal, saves.pass, (error) =>
    logger.error({ err: error }, 'saves'),
  )

  const requesting = every(timings.sweepEveryMs, shutdown.signal, requests.pass, (error) =>
    logger.error({ err: error }, 'requests'),
  )
  const keepingRequests = every(timings.upkeepEveryMs, shutdown.signal, keepRequests(deps), (error) =>
    logger.error({ err: error }, 'results'),
  )

  return {
    async close() {
      shutdown.abort()
      const disconnect = taking.close()
      const ended = Promise.allSettled([
        taking.ended(),
        sweeping,
        beating,
        checking,
        keepingLogs,
        keepingUp,
        removing,
        notingDownloads,
        measuring,
        saving,
        requesting,
        keepingRequests,
        checks.ended(),
        stops.ended(),
        saves.ended(),
        requests.ended(),
      ])
      await Promise.race([ended, pause(CLOSE_LIMIT_MS, undefined, { ref: false })])
      await disconnect()
      life.signOff()
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
