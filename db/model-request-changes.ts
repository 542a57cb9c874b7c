import { asc, gt, max } from 'drizzle-orm'
import type { Db } from './open'
import { modelRequests } from './schema'

export const lastRequestRevision = (db: Db): number =>
  db
    .select({ last: max(modelRequests.revision) })
    .from(modelRequests)
    .get()?.last ?? 0

/** Which requests, and whose, changed after that revision; in order, at most 500. */
export const requestChangesAfter = (
  db: Db,
  revision: number,
): { id: number; subjectId: string; userId: string }[] =>
  db
    .select({ id: modelRequests.revision, subjectId: modelRequests.id, userId: modelRequests.userId })
    .from(modelRequests)
    .where(gt(modelRequests.revision, revision))
    .orderBy(asc(modelRequests.revision))
    .limit(500)
    .all()
