import { and, eq, lte, type SQL, sql } from 'drizzle-orm'
import { type ModelRequest, openOf } from './model-request-states'
import type { Db, Tx } from './open'
import { prepared } from './prepared'
import { modelRequests } from './schema'

/** What there is for workers to do, whoever it belongs to. */

/** The request as a worker needs it, whoever it belongs to. */
export const findRequest = (db: Db | Tx, id: string): ModelRequest | undefined =>
  db.select().from(modelRequests).where(eq(modelRequests.id, id)).get()

const waitingOf = prepared((db) =>
  db
    .select({ id: modelRequests.id })
    .from(modelRequests)
    .where(
      and(
        openOf(sql.placeholder('userId')),
        eq(modelRequests.status, 'in_queue'),
        lte(modelRequests.notBefore, sql.placeholder('now')),
      ),
    )
    .prepare(),
)

/** Of a user's requests that wait and may be begun, one. */
export const nextWaiting = (db: Db, userId: string, now: number): string | undefined =>
  waitingOf(db).get({ userId, now })?.id

/** Whose requests wait and may be begun. */
export const listWaitingUsers = (db: Db, now: number): string[] =>
  db
    .selectDistinct({ userId: modelRequests.userId })
    .from(modelRequests)
    .where(and(eq(modelRequests.status, 'in_queue'), lte(modelRequests.notBefore, now)))
    .all()
    .map(({ userId }) => userId)

/** Requests in progress that nobody holds, and those that have ended and are not settled; the oldest first. */
export function listForsaken(db: Db, now: number, limit: number): { lapsed: string[]; unsettled: string[] } {
  const ids = (which: SQL) =>
    db
      .select({ id: modelRequests.id })
      .from(modelRequests)
      .where(and(which, lte(modelRequests.leaseUntil, now)))
      .orderBy(modelRequests.createdAt)
      .limit(limit)
      .all()
      .map(({ id }) => id)
  return {
    lapsed: ids(eq(modelRequests.status, 'in_progress')),
    unsettled: ids(
      and(
        sql`+${modelRequests.status} in ('failed', 'cancelled')`,
        sql`${modelRequests.unsettled} = 1`,
      ) as SQL,
    ),
  }
}
