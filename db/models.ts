import { and, asc, desc, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import type { ModelDefinition } from '../workflows/definition'
import type { Db, Tx } from './open'
import { models, modelVersions, users } from './schema'

/** Published workflows. A user's own, and those that are for everyone here; any other is not there. */

/** A model with the version that is called. */
export type Model = typeof models.$inferSelect & {
  definition: ModelDefinition
  /** When that version was published. */
  publishedAt: number
  ownerName: string
}

const columns = {
  id: models.id,
  userId: models.userId,
  visibility: models.visibility,
  version: models.version,
  createdAt: models.createdAt,
  updatedAt: models.updatedAt,
  withdrawnAt: models.withdrawnAt,
  definition: modelVersions.definition,
  publishedAt: modelVersions.createdAt,
  ownerName: users.name,
}

/** What this user may call: a model whose owner's account is open. */
const callable = (userId: string) =>
  and(
    isNull(models.withdrawnAt),
    or(eq(models.userId, userId), and(eq(models.visibility, 'everyone'), isNull(users.disabledAt))),
  )

const select = (db: Db | Tx) =>
  db
    .select(columns)
    .from(models)
    .innerJoin(
      modelVersions,
      and(eq(modelVersions.modelId, models.id), eq(modelVersions.version, models.version)),
    )
    .innerJoin(users, eq(users.id, models.userId))

/** A model that this user may call. */
export const getModel = (db: Db | Tx, userId: string, id: string): Model | undefined =>
  select(db)
    .where(and(eq(models.id, id), callable(userId)))
    .get()

/** What lists of models are searched by. */
export interface ModelHead {
  id: string
  userId: string
  title: string
  description: string
  categories: string[]
}

/** All that this user may call, in the order of their ids, without what is large. */
export const listModelHeads = (db: Db, userId: string): ModelHead[] =>
  db
    .select({
      id: models.id,
      userId: models.userId,
      title: sql<string>`${modelVersions.definition} ->> '$.title'`,
      description: sql<string>`${modelVersions.definition} ->> '$.description'`,
      categories: sql`${modelVersions.definition} -> '$.categories'`.mapWith((json): string[] =>
        JSON.parse(json ?? '[]'),
      ),
    })
    .from(models)
    .innerJoin(
      modelVersions,
      and(eq(modelVersions.modelId, models.id), eq(modelVersions.version, models.version)),
    )
    .innerJoin(users, eq(users.id, models.userId))
    .where(callable(userId))
    .orderBy(asc(models.id))
    .all()

/** Those of these models that this user may call, in the order of their ids. */
export const getModels = (db: Db, userId: string, ids: string[]): Model[] =>
  select(db)
    .where(and(inArray(models.id, ids), callable(userId)))
    .orderBy(asc(models.id))
    .all()

/** A model of the user's own, withdrawn or not. */
export const findOwnModel = (
  db: Db,
  userId: string,
  id: string,
): { withdrawnAt: number | null } | undefined =>
  db
    .select({ withdrawnAt: models.withdrawnAt })
    .from(models)
    .where(and(eq(models.id, id), eq(models.userId, userId)))
    .get()

/** The versions of a model of the user's own, the newest first. */
export function listModelVersions(
  db: Db,
  userId: string,
  id: string,
): { version: number; createdAt: number; title: string }[] {
  return db
    .select({
      version: modelVersions.version,
      createdAt: modelVersions.createdAt,
      title: sql<string>`${modelVersions.definition} ->> '$.title'`,
    })
    .from(modelVersions)
    .innerJoin(models, eq(models.id, modelVersions.modelId))
    .where(and(eq(models.id, id), eq(models.userId, userId)))
    .orderBy(desc(modelVersions.version))
    .all()
}

/** One version of a model of the user's own, with its workflow. */
export const getModelVersion = (db: Db, userId: string, id: string, version: number) =>
  db
    .select({ workflow: modelVersions.workflow, definition: modelVersions.definition })
    .from(modelVersions)
    .innerJoin(models, eq(models.id, modelVersions.modelId))
    .where(and(eq(models.id, id), eq(models.userId, userId), eq(modelVersions.version, version)))
    .get()

/** What a request runs, whoever may call it now. */
export const findModelVersion = (db: Db | Tx, id: string, version: number) =>
  db
    .select({ workflow: modelVersions.workflow, definition: modelVersions.definition })
    .from(modelVersions)
    .where(and(eq(modelVersions.modelId, id), eq(modelVersions.version, version)))
    .get()
