import { eq, gt, lt } from 'drizzle-orm'
import type { Clock, Db } from './open'
import { workers } from './schema'

/** A worker that has not beaten for this long counts as gone. */
const GONE_AFTER_MS = 15_000
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000

export function beat(db: Db, id: string, clock: Clock): void {
  const now = clock()
  db.insert(workers)
    .values({ id, startedAt: now, beatAt: now })
    .onConflictDoUpdate({ target: workers.id, set: { beatAt: now } })
    .run()
  db.delete(workers)
    .where(lt(workers.beatAt, now - FORGOTTEN_AFTER_MS))
    .run()
}

/** A worker that ends well says so, instead of being missed. */
export function signOff(db: Db, id: string): void {
  db.delete(workers).where(eq(workers.id, id)).run()
}

export const isAnyWorkerAlive = (db: Db, clock: Clock): boolean =>
  db
    .select({ id: workers.id })
    .from(workers)
    .where(gt(workers.beatAt, clock() - GONE_AFTER_MS))
    .get() !== undefined
