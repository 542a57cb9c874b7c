import { and, eq, isNull } from 'drizzle-orm'
import type { Db } from './open'
import { cloudSaves, modelRequests, resultFiles } from './schema'

/** Files that the database speaks of and that never change once it does. */

export const listSavedArchives = (db: Db) =>
  db
    .select({
      userId: cloudSaves.userId,
      id: cloudSaves.id,
      fence: cloudSaves.fence,
      bytes: cloudSaves.bytes,
      sha256: cloudSaves.sha256,
    })
    .from(cloudSaves)
    .where(eq(cloudSaves.status, 'saved'))
    .all()

export const listResultFiles = (db: Db) =>
  db
    .select({
      userId: modelRequests.userId,
      requestId: resultFiles.requestId,
      position: resultFiles.position,
      bytes: resultFiles.bytes,
    })
    .from(resultFiles)
    .innerJoin(modelRequests, eq(modelRequests.id, resultFiles.requestId))
    .where(and(isNull(modelRequests.expiredAt), eq(modelRequests.status, 'completed')))
    .all()
