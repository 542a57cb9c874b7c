import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { sql } from 'drizzle-orm'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { openInstallation } from '~/db/installation'
import { launchMachine } from '~/db/machine-requests'
import { type Db, immediately, openDb } from '~/db/open'
import { saveProviderToken } from '~/db/provider-tokens'
import { migrateDb } from '~/db/schema-version'
import { createUser } from '~/db/users'
import { SOMEBODY } from '~/test/support/actors'
import { SERVICE_SETTINGS } from '~/test/support/service-settings'
import { STANDARD } from '~/test/support/sizes'
import { TIMINGS } from '~/worker/deps'
import { openLaunchQueue, redisAddress } from '~/worker/queue'
import type { Runtime } from '~/worker/runtimes/runtime'
import { workspacesIn } from '~/worker/runtimes/workspaces/workspaces'
import { startWorker } from '~/worker/start'
import { printTable, timed } from '../support'

const LAUNCHES = 500
/** queue, claim, tokens, running: what a launch commits when nothing goes wrong. */
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

/** Launches a second with a runtime that does nothing, against its two parts alone. */
export async function launchesASecond(dataDir: string, redisUrl: string): Promise<void> {
  const rows = [
    { what: 'Slipway, queued to running', 'a second': rate(LAUNCHES, await slipway(dataDir, redisUrl)) },
    { what: 'bare BullMQ, add to done', 'a second': rate(LAUNCHES, await bareQueue(redisUrl)) },
    {
      what: `bare durable transactions ÷ ${COMMITS_A_LAUNCH}`,
      'a second': rate(LAUNCHES, (await bareTransactions(dataDir)) * COMMITS_A_LAUNCH),
    },
  ]
  printTable(`Launches a second, ${LAUNCHES} at once`, rows)
}

const rate = (count: number, ms: number) => ((count * 1000) / ms).toFixed(0)

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
      timings: TIMINGS,
      logs: { dataDir, days: 30 },
      holdSecrets: () => () => undefined,
      saves: { folder: join(dataDir, 'saves'), reserveBytes: 0 },
      issuers: undefined,
      forServices: SERVICE_SETTINGS,
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

async function bareTransactions(dataDir: string): Promise<number> {
  const db = openDb(join(dataDir, 'bare.db'))
  db.run(sql`create table bare (n integer primary key, text text)`)
  const took = await timed(async () => {
    for (let n = 0; n < LAUNCHES; n++)
      immediately(db, (tx) =>
        tx.run(sql`insert into bare (text) values ('a machine, an attempt and an event')`),
      )
  })
  db.$client.close()
  return took
}
