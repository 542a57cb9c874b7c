import { statfs } from 'node:fs/promises'
import { databaseHealth } from '../../db/database-health'
import { sumDiskUsage, totalOf } from '../../db/disk-usage'
import { countFailedLaunches } from '../../db/failed-launches'
import { countFailuresSince, countLiveMachines } from '../../db/machine-counts'
import type { Context } from './context'
import { queueView } from './queue-view'

const DAY_MS = 24 * 60 * 60_000
const MIB = 1024 ** 2
/** SQLite starts its log anew from 4 MB on, unless something reads for long. */
const WAL_BYTES_MAX = 64 * MIB
const DISK_FREE_MIN = { share: 0.05, bytes: 2048 * MIB }

/** How the installation is, from what costs the same however long its history is. */
export async function overviewView(ctx: Context) {
  const { db, queue, clock, dataDir } = ctx
  const [{ workers, redisFaults, ...depth }, redis, disk] = await Promise.all([
    queueView(ctx),
    queue.use(),
    diskOf(dataDir),
  ])
  const database = databaseHealth(db)
  const since = clock() - DAY_MS
  const failures = {
    count: countFailuresSince(db, since),
    /** Those of them that are in the list of failed launches. */
    waiting: countFailedLaunches(db, { since }).reduce((sum, { count }) => sum + count, 0),
  }
  const workerCounts = { working: 0, silent: 0, gone: 0 }
  for (const { state } of workers) workerCounts[state]++
  const attention = [
    workers.every(({ state }) => state === 'gone') && ('no_worker' as const),
    workerCounts.working === 0 && workerCounts.silent > 0 && ('silent_workers' as const),
    ...redisFaults,
    isNearlyFull(disk) && ('disk' as const),
    failures.waiting > 0 && ('failures' as const),
    database.walBytes > WAL_BYTES_MAX && ('wal' as const),
  ].filter((need) => need !== false)
  return {
    machines: countLiveMachines(db),
    /** Of the last 24 hours. */
    failures,
    queue: depth,
    workers: workerCounts,
    /** Null while it does not answer. */
    redis: redis ?? null,
    database,
    disk: { ...disk, usersBytes: totalOf(sumDiskUsage(db)) },
    /** What somebody should look at, the most urgent first. */
    attention,
  }
}

async function diskOf(folder: string) {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

const isNearlyFull = ({ freeBytes, totalBytes }: Awaited<ReturnType<typeof diskOf>>) =>
  freeBytes < Math.max(DISK_FREE_MIN.bytes, totalBytes * DISK_FREE_MIN.share)
