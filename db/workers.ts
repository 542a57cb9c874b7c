import { eq, gt, lt } from 'drizzle-orm'
import type { Keyring } from './keyring'
import type { Clock, Db } from './open'
import { workers } from './schema'

/** A worker that has not beaten for this long counts as gone. */
const GONE_AFTER_MS = 15_000
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000

/** @param keyring with which the worker opens values now */
export function beat(db: Db, id: string, keyring: Keyring, clock: Clock): void {
  const now = clock()
  const keyIds = keyring.map((key) => key.id).join(' ')
  db.insert(workers)
    .values({ id, startedAt: now, beatAt: now, keyIds })
    .onConflictDoUpdate({ target: workers.id, set: { beatAt: now, keyIds } })
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

/** How many live workers seal with another key than this one, as their last beat said. */
export const countWorkersOnOtherKeys = (db: Db, keyId: string, clock: Clock): number =>
  db
    .select({ keyIds: workers.keyIds })
    .from(workers)
    .where(gt(workers.beatAt, clock() - GONE_AFTER_MS))
    .all()
    .filter(({ keyIds }) => keyIds.split(' ')[0] !== keyId).length
