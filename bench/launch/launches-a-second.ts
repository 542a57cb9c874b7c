import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { sql } from 'drizzle-orm'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { openInstallation } from '~/db/installation'
import { launchMachine } from '~/db/machine-requests'
import { type Db, openDb } from '~/db/open'
import { saveProviderToken } from '~/db/provider-tokens'
import { migrateDb } from '~/db/schema-version'
import { createUser } from '~/db/users'
import { workerMetrics } from '~/telemetry/worker-metrics'
import { SOMEBODY } from '~/test/support/actors'
import { startRedis } from '~/test/support/redis'
import { REQUEST_SETTINGS, SERVICE_SETTINGS } from '~/test/support/service-settings'
import { STANDARD } from '~/test/support/sizes'
import { TIMINGS } from '~/worker/deps'
import { openLaunchQueue, redisAddress } from '~/worker/queue'
import type { Runtime } from '~/worker/runtimes/runtime'
import { workspacesIn } from '~/worker/runtimes/workspaces/workspaces'
import { startWorker } from '~/worker/start'
import { bareTransactions } from '../bare-transactions'
import type { Report } from '../figures'
import { percentile, timed } from '../support'

const LAUNCHES = 500
const ROUNDS = 3
/** What a launch commits when nothing goes wrong, as test/worker/launch.test.ts counts it. */
const COMMITS_A_LAUNCH = 4

/** A runtime that does nothing, so that what is left is Slipway itself. */
const nothingRuntime: Runtime = {
  services: ['filebrowser'],
  endsWithTerminal: true,
  start: async () => [{ name: 'filebrowser', address: 'http://127.0.0.1:9' }],
  stop: async () => undefined,
  remove: async () => undefined,
  list: async () => [],
  keepLogs: async () => undefined,
  workspaces: workspacesIn('/nonexistent'),
}

/**
 * Launches a second with a runtime that does nothing, against its two parts alone: the disk's waits, and the queue.
 * The rounds alternate.
 */
export async function launchesASecond(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const redis = await startRedis(join(folder, 'redis'))
  const rates = { slipway: [] as number[], disk: [] as number[], queue: [] as number[] }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const dataDir = join(folder, String(round))
      rates.slipway.push(rate(await slipway(dataDir, redis.url)))
      rates.disk.push(rate(await transactions(dataDir)) / COMMITS_A_LAUNCH)
      rates.queue.push(rate(await bareQueue(redis.url)))
    }
  } finally {
    await redis.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  const [disk, queue] = [percentile(rates.disk, 0.5), percentile(rates.queue, 0.5)]
  const what = disk < queue ? `bare durable transactions ÷ ${COMMITS_A_LAUNCH}` : 'bare BullMQ'
  report({
    what: `launches a second, ${LAUNCHES} at once, nothing to start`,
    value: percentile(rates.slipway, 0.5),
    unit: 'a second',
    beside: { what, value: Math.min(disk, queue) },
    aim: { least: 0.7 },
    note: `Bare durable transactions ÷ ${COMMITS_A_LAUNCH}: ${disk.toFixed(0)} a second; bare BullMQ: ${queue.toFixed(0)}.`,
  })
}

const rate = (ms: number) => (LAUNCHES * 1000) / ms

async function slipway(dataDir: string, redisUrl: string): Promise<number> {
  const db = openDb(join(dataDir, 'rate.db'))
  migrateDb(db)
  const installation = openInstallation(
    db,
    { tokenKeys: randomBytes(32).toString('base64'), dataDir },
    Date.now,
  )
  const user = createUser(db, { name: 'Bench', role: 'admin' }, Date.now)
  const deps = { db, installation, clock: Date.now }
  saveProviderToken(deps, user.id, 'huggingface', `hf_${'b'.repeat(34)}`, SOMEBODY)
  const queue = openLaunchQueue({ redisUrl, installationId: installation.id }, () => undefined)
  const worker = startWorker(
    {
      ...deps,
      runtime: { ...nothingRuntime, list: async () => running(db) },
      queue,
      logger: pino({ level: 'silent' }),
      metrics: workerMetrics(dataDir),
      tracing: undefined,
      timings: TIMINGS,
      logs: { dataDir, days: 30 },
      holdSecrets: () => () => undefined,
      saves: { folder: join(dataDir, 'saves'), reserveBytes: 0 },
      issuers: undefined,
      forServices: SERVICE_SETTINGS,
      requests: REQUEST_SETTINGS,
      dataDir,
      machineSizes: [STANDARD],
      machineLimits: {},
    },
    redisUrl,
  )
  const took = await timed(async () => {
    for (let n = 0; n < LAUNCHES; n++) {
      const ref = launchMachine(db, { userId: user.id, kind: 'comfyui', name: 'Bench' }, SOMEBODY, Date.now)
      await queue.add({ job: 'launch', ...ref })
    }
    while (countRunning(db) < LAUNCHES) await pause(5)
  })
  await worker.close()
  await queue.close()
  db.$client.close()
  return took
}

const countRunning = (db: Db) =>
  db.get<{ n: number }>(sql`select count(*) n from machines where status = 'running'`)?.n ?? 0

const running = (db: Db) =>
  db
    .all<{ machineId: string; attempt: number }>(
      sql`select id as machineId, attempt from machines where status = 'running'`,
    )
    .map((machine) => ({ ...machine, services: ['filebrowser' as const] }))

async function bareQueue(redisUrl: string): Promise<number> {
  const connection = new Redis(redisAddress(redisUrl), { maxRetriesPerRequest: null })
  const queue = new Queue('bare', { connection, defaultJobOptions: { removeOnComplete: true } })
  let done = 0
  const worker = new Worker('bare', async () => void done++, { connection, concurrency: 8 })
  await worker.waitUntilReady()
  const took = await timed(async () => {
    for (let n = 0; n < LAUNCHES; n++) await queue.add('launch', { machineId: 'bench', attempt: n })
    while (done < LAUNCHES) await pause(5)
  })
  await worker.close()
  await queue.close()
  connection.disconnect()
  return took
}

async function transactions(dataDir: string): Promise<number> {
  const db = openDb(join(dataDir, 'bare.db'))
  const took = await timed(async () => bareTransactions(db, LAUNCHES))
  db.$client.close()
  return took
}
