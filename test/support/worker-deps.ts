import { join } from 'node:path'
import { workerMetrics } from '~/telemetry/worker-metrics'
import type { WorkerDeps } from '~/worker/deps'
import type { Job } from '~/worker/queue'
import type { Runtime } from '~/worker/runtimes/runtime'
import { type TestInstallation, testInstallation } from './installation'
import { recordingLogger } from './logger'
import { REQUEST_SETTINGS, SERVICE_SETTINGS } from './service-settings'
import { STANDARD } from './sizes'

/** What a worker works with, on a runtime of the test's; its queue only remembers. */
export function testDeps(
  runtime: Runtime,
  system: TestInstallation = testInstallation(),
): TestInstallation & {
  deps: WorkerDeps
  added: Job[]
  lines: string[]
} {
  const { logger, lines } = recordingLogger()
  const added: Job[] = []
  const deps: WorkerDeps = {
    db: system.db,
    dataDir: system.dataDir,
    machineSizes: [STANDARD],
    machineLimits: {},
    installation: system.installation,
    runtime,
    queue: {
      add: async (job) => {
        added.push(job)
        return true
      },
      faults: async () => [],
      use: async () => undefined,
      close: async () => undefined,
    },
    clock: system.clock,
    logger,
    metrics: workerMetrics(system.dataDir),
    tracing: undefined,
    timings: {
      leaseMs: 15_000,
      renewEveryMs: 20,
      sweepEveryMs: 1000,
      beatEveryMs: 1000,
      checkEveryMs: 1000,
      hungAfterMs: 60_000,
      upkeepEveryMs: 1000,
      measureEveryMs: 60_000,
      retryDelayMs: (tries) => tries * 1000,
    },
    logs: { dataDir: system.dataDir, days: 30 },
    holdSecrets: () => () => undefined,
    saves: { folder: join(system.dataDir, 'saves'), reserveBytes: 0 },
    issuers: undefined,
    forServices: SERVICE_SETTINGS,
    requests: REQUEST_SETTINGS,
  }
  return { ...system, deps, added, lines }
}
