import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { workerMetrics } from '~/telemetry/worker-metrics'
import type { WorkerDeps } from '~/worker/deps'
import { openLaunchQueue } from '~/worker/queue'
import type { RequestTools } from '~/worker/requests/tools'
import type { Runtime } from '~/worker/runtimes/runtime'
import { startWorker } from '~/worker/start'
import { testInstallation } from './installation'
import { recordingLogger } from './logger'
import { startRedis } from './redis'
import { REQUEST_SETTINGS, SERVICE_SETTINGS } from './service-settings'
import { STANDARD } from './sizes'

/** An installation with a Redis, and workers in this process on runtimes of the test's. */
export async function installationWithRedis() {
  const system = testInstallation()
  const { dataDir, db, installation } = system
  const metrics = workerMetrics(dataDir)
  const redis = await startRedis(join(dataDir, 'redis'))
  const queue = openLaunchQueue({ redisUrl: redis.url, installationId: installation.id }, () => undefined)
  onTestFinished(async () => {
    await queue.close()
    await redis.kill()
  })

  /** @returns the lines of its log */
  function startWorkerHere(
    runtime: Runtime,
    timings: Partial<WorkerDeps['timings']> = {},
    tools?: RequestTools,
  ): string[] {
    const { logger, lines } = recordingLogger()
    const worker = startWorker(
      {
        db,
        installation,
        runtime,
        queue,
        clock: Date.now,
        logger,
        metrics,
        tracing: undefined,
        timings: {
          leaseMs: 5000,
          renewEveryMs: 500,
          sweepEveryMs: 100,
          beatEveryMs: 1000,
          checkEveryMs: 1000,
          hungAfterMs: 60_000,
          upkeepEveryMs: 1000,
          measureEveryMs: 60_000,
          retryDelayMs: () => 50,
          ...timings,
        },
        logs: { dataDir, days: 30 },
        saves: { folder: join(dataDir, 'saves'), reserveBytes: 0 },
        dataDir,
        machineSizes: [STANDARD],
        machineLimits: {},
        holdSecrets: () => () => undefined,
        issuers: undefined,
        forServices: SERVICE_SETTINGS,
        requests: REQUEST_SETTINGS,
      },
      redis.url,
      tools,
    )
    // Before the queue is closed: what is added last is undone first.
    onTestFinished(() => worker.close())
    return lines
  }
  return { ...system, redis, queue, metrics, startWorkerHere }
}
