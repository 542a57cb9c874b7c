import { and, asc, eq, gt, lt, max } from 'drizzle-orm'
import type { Keyring } from './keyring'
import type { Clock, Db } from './open'
import { workers } from './schema'

/** A worker that has not beaten for this long counts as gone. */
const GONE_AFTER_MS = 15_000
/** One that lives, and to which the queue has brought nothing for this long, counts as silent. */
const SILENT_AFTER_MS = 30_000
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000

export type WorkerRow = typeof workers.$inferSelect
/** What a worker says of itself. */
export type Beat = Pick<WorkerRow, 'id' | 'host' | 'pid' | 'takesJobsAt'>

/** @param keyring with which the worker opens values now */
export function beat(db: Db, worker: Beat, keyring: Keyring, clock: Clock): void {
  const now = clock()
  const { id, ...said } = worker
  const set = { ...said, beatAt: now, keyIds: keyring.map((key) => key.id).join(' ') }
  db.insert(workers)
    .values({ ...set, id, startedAt: now })
    .onConflictDoUpdate({ target: workers.id, set })
    .run()
  db.delete(workers)
    .where(lt(workers.beatAt, now - FORGOTTEN_AFTER_MS))
    .run()
}

/** A worker that ends well says so, instead of being missed. */
export function signOff(db: Db, id: string): void {
  db.delete(workers).where(eq(workers.id, id)).run()
}

const isAlive = (now: number) => gt(workers.beatAt, now - GONE_AFTER_MS)

export const isAnyWorkerAlive = (db: Db, clock: Clock): boolean =>
  db.select({ id: workers.id }).from(workers).where(isAlive(clock())).get() !== undefined

/** When the last of all workers was heard of; undefined when none was for a day, or all ended well. */
export const lastBeatAt = (db: Db): number | undefined =>
  db
    .select({ at: max(workers.beatAt) })
    .from(workers)
    .get()?.at ?? undefined

/** Whether the queue brings its jobs to any worker that lives. */
export function doesAnyWorkerTakeJobs(db: Db, clock: Clock): boolean {
  const now = clock()
  const takesJobs = gt(workers.takesJobsAt, now - SILENT_AFTER_MS)
  const found = db
    .select({ id: workers.id })
    .from(workers)
    .where(and(isAlive(now), takesJobs))
    .get()
  return found !== undefined
}

export interface ListedWorker extends WorkerRow {
  /** `silent`: it lives, and takes no jobs. */
  state: 'working' | 'silent' | 'gone'
}

/** Every worker of the last 24 hours that didn't end well, the longest running first. */
export function listWorkers(db: Db, clock: Clock): ListedWorker[] {
  const now = clock()
  return db
    .select()
    .from(workers)
    .orderBy(asc(workers.startedAt))
    .all()
    .map((row) => ({ ...row, state: stateOf(row, now) }))
}

function stateOf({ beatAt, takesJobsAt }: WorkerRow, now: number): ListedWorker['state'] {
  if (beatAt <= now - GONE_AFTER_MS) return 'gone'
  return takesJobsAt > now - SILENT_AFTER_MS ? 'working' : 'silent'
}

/** How many live workers seal with another key than this one, as their last beat said. */
export const countWorkersOnOtherKeys = (db: Db, keyId: string, clock: Clock): number =>
  db
    .select({ keyIds: workers.keyIds })
    .from(workers)
    .where(isAlive(clock()))
    .all()
    .filter(({ keyIds }) => keyIds.split(' ')[0] !== keyId).length
