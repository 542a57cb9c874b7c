import { and, asc, eq, inArray, isNotNull, isNull, lte } from 'drizzle-orm'
import { measureSoon } from './disk-usage'
import { nextRevision } from './model-request-states'
import { type Clock, type Db, immediately } from './open'
import { modelRequestInputs, modelRequests } from './schema'

/** How long requests and what came out of them are kept. */

const FORGOTTEN_AFTER_MS = 90 * 24 * 60 * 60_000

/** Takes away inputs, texts and files of requests that ended long enough ago. @returns whose files are to be removed */
export function expireRequests(
  db: Db,
  { keptMs, limit, clock }: { keptMs: number; limit: number; clock: Clock },
): { id: string; userId: string }[] {
  return immediately(db, (tx) => {
    const old = tx
      .select({ id: modelRequests.id, userId: modelRequests.userId })
      .from(modelRequests)
      .where(and(lte(modelRequests.endedAt, clock() - keptMs), isNull(modelRequests.expiredAt)))
      .orderBy(asc(modelRequests.endedAt))
      .limit(limit)
      .all()
    for (const { id, userId } of old) {
      tx.update(modelRequests)
        .set({ texts: null, expiredAt: clock(), revision: nextRevision(tx) })
        .where(eq(modelRequests.id, id))
        .run()
      tx.delete(modelRequestInputs).where(eq(modelRequestInputs.requestId, id)).run()
      measureSoon(tx, userId)
    }
    return old
  })
}

/** Forgets requests that ended 90 days ago, and whose files are gone. */
export function forgetRequests(db: Db, { limit, clock }: { limit: number; clock: Clock }): void {
  const old = db
    .select({ id: modelRequests.id })
    .from(modelRequests)
    .where(and(lte(modelRequests.endedAt, clock() - FORGOTTEN_AFTER_MS), isNotNull(modelRequests.expiredAt)))
    .orderBy(asc(modelRequests.endedAt))
    .limit(limit)
    .all()
  const ids = old.map(({ id }) => id)
  if (ids.length) db.delete(modelRequests).where(inArray(modelRequests.id, ids)).run()
}

/** The user's requests that have files, or are about to. */
export function listKeptResults(db: Db, userId: string): Set<string> {
  const rows = db
    .select({ id: modelRequests.id })
    .from(modelRequests)
    .where(
      and(
        eq(modelRequests.userId, userId),
        isNull(modelRequests.expiredAt),
        inArray(modelRequests.status, ['in_progress', 'completed']),
      ),
    )
    .all()
  return new Set(rows.map(({ id }) => id))
}
