import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { collectDefaultMetrics } from 'prom-client'
import { openInstallation } from '../db/installation'
import { KeyringError } from '../db/keyring'
import { stopEveryMachine } from '../db/machine-requests'
import { openDb } from '../db/open'
import { assertMigrated, SchemaVersionError } from '../db/schema-version'
import { parseSettings } from '../env'
import { createLogger } from '../logger'
import { SettingsError } from '../parse-environment'
import { issuerSettings, openIssuers } from '../providers/issuers'
import { openTracing } from '../telemetry/tracing'
import { workerMetrics } from '../telemetry/worker-metrics'
import { TIMINGS, type WorkerDeps } from './deps'
import { serveMetrics } from './metrics-server'
import { openLaunchQueue } from './queue'
import { openRuntime } from './runtimes/open'
import { startWorker } from './start'
import { stop } from './stop'

/** More than a service gets to end by itself. */
const END_GRACE_MS = 15_000

/** What saving and restoring leave free, for the database and for machines that run. */
const DISK_RESERVE_BYTES = 512 * 1024 ** 2

/** The worker process. SIGTERM leaves machines running; SIGINT ends those that need a terminal. */
async function main() {
  const settings = parseSettings(process.env)
  const { logger, holdSecrets } = createLogger(settings.logLevel, 'worker')
  const db = openDb(join(settings.dataDir, 'slipway.db'))
  assertMigrated(db)
  const installation = openInstallation(db, settings, Date.now)
  const metrics = workerMetrics(settings.dataDir)
  collectDefaultMetrics({ register: metrics.registry })
  const { redisUrl } = settings
  const queue = openLaunchQueue({ redisUrl, installationId: installation.id }, (error) => {
    metrics.redisErrors.inc()
    logger.debug({ reason: error.message }, 'redis')
  })
  const told = await serveMetrics(settings, metrics.registry, logger)
  const runtime = await openRuntime(settings, installation.id, process.env)
  const deps: WorkerDeps = {
    db,
    installation,
    runtime,
    queue,
    clock: Date.now,
    logger,
    metrics,
    tracing: await openTracing(settings.otlpEndpoint, 'worker'),
    holdSecrets,
    // While a service has time to answer, nothing is heard of it.
    timings: { ...TIMINGS, hungAfterMs: TIMINGS.hungAfterMs + 2 * settings.startTimeoutMs },
    logs: { dataDir: settings.dataDir, days: settings.logDays },
    issuers: settings.tokenChecks ? openIssuers(issuerSettings(settings)) : undefined,
    saves: { folder: join(settings.dataDir, 'saves'), reserveBytes: DISK_RESERVE_BYTES },
    forServices: settings,
    requests: settings.requests,
    dataDir: settings.dataDir,
    machineSizes: settings.machineSizes,
    machineLimits: settings.machineLimits,
  }
  const worker = startWorker(deps, redisUrl)
  return { deps, worker, told }
}

function endOnSignals(running: Awaited<ReturnType<typeof main>>) {
  let closing = false
  const close = async (endMachines: boolean) => {
    if (closing) process.exit(1)
    closing = true
    await running.worker.close()
    if (endMachines) await endAllMachines(running.deps)
    running.told?.close().closeAllConnections()
    await running.deps.tracing?.close()
    await running.deps.queue.close()
    running.deps.db.$client.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => close(false))
  process.on('SIGINT', () => close(running.deps.runtime.endsWithTerminal))
  process.on('disconnect', () => close(false))
  running.deps.logger.info('worker is ready')
}

/** Waits for what a worker that crashed still seems to hold, as long as its lease lasts. */
async function endAllMachines(deps: WorkerDeps): Promise<void> {
  const deadline = Date.now() + deps.timings.leaseMs + END_GRACE_MS
  let ending = stopEveryMachine(deps.db, deps.clock)
  if (ending.length) deps.logger.info({ machines: ending.length }, 'stopping machines')
  while (ending.length && Date.now() < deadline) {
    await Promise.all(ending.map(({ machineId }) => stop(deps, machineId, new AbortController().signal)))
    ending = stopEveryMachine(deps.db, deps.clock)
    if (ending.length) await pause(250)
  }
}

try {
  endOnSignals(await main())
} catch (error) {
  const known =
    error instanceof SettingsError || error instanceof KeyringError || error instanceof SchemaVersionError
  console.error(known ? error.message : error)
  process.exit(1)
}
