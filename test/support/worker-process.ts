import { join } from 'node:path'
import { openInstallation } from '~/db/installation'
import { openDb } from '~/db/open'
import { createLogger } from '~/logger'
import { workerMetrics } from '~/telemetry/worker-metrics'
import { retryDelayMs, type WorkerDeps } from '~/worker/deps'
import { openLaunchQueue } from '~/worker/queue'
import { dockerRuntime } from '~/worker/runtimes/docker/runtime'
import { processRuntime } from '~/worker/runtimes/process/runtime'
import { startWorker } from '~/worker/start'
import { faultyDeps } from './faulty-deps'
import { REQUEST_SETTINGS } from './service-settings'
import { STANDARD } from './sizes'
import type { WorkerConfig } from './test-worker'

/** A worker with short timings that can be told where to die. Takes its settings as JSON. */
const config: WorkerConfig = JSON.parse(process.env.TEST_WORKER ?? '')
const { dataDir, redisUrl, timings, forServices } = config
const fixedDelayMs = timings.retryDelayMs
const db = openDb(join(dataDir, 'slipway.db'))
const installation = openInstallation(db, { tokenKeys: undefined, dataDir }, Date.now)
const queue = openLaunchQueue({ redisUrl, installationId: installation.id }, () => undefined)
const { docker } = config.runtime
const common = { ...config.runtime, dataDir, installationId: installation.id }
const runtime = docker
  ? dockerRuntime({ ...common, ...docker, trainerImage: undefined })
  : processRuntime({ ...common, environment: process.env })
// Every sweep lists what runs, which tells the test of it.
const list = async () => {
  const found = await runtime.list()
  console.log('swept')
  return found
}
const deps: WorkerDeps = {
  ...createLogger('info', 'worker'),
  metrics: workerMetrics(dataDir),
  tracing: undefined,
  db,
  installation,
  runtime: { ...runtime, list },
  queue,
  clock: Date.now,
  timings: { ...timings, retryDelayMs: fixedDelayMs === undefined ? retryDelayMs : () => fixedDelayMs },
  logs: { dataDir, days: 30 },
  saves: { folder: join(dataDir, 'saves'), reserveBytes: 0 },
  issuers: undefined,
  forServices,
  requests: REQUEST_SETTINGS,
  dataDir,
  machineSizes: [STANDARD],
  machineLimits: config.machineLimits,
}
const worker = startWorker(config.fault ? faultyDeps(deps, config.fault) : deps, redisUrl)
process.on('SIGTERM', async () => {
  await worker.close()
  await queue.close()
  db.$client.close()
  process.exit(0)
})
console.log('ready')
