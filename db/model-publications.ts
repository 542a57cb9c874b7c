import { and, count, desc, eq, isNull, notInArray, sql } from 'drizzle-orm'
import { AppError, notFound } from '../errors'
import type { ModelDefinition } from '../workflows/definition'
import type { Workflow } from '../workflows/workflow'
import { type Actor, record } from './audit'
import { findModelVersion } from './models'
import { type Clock, type Db, immediately, type Tx } from './open'
import { type ModelVisibility, modelRequests, models, modelVersions, users } from './schema'

/** What owners do with their models. */

/** That one user may publish; and of each, versions that are kept. */
const MODELS_MAX = 200
const VERSIONS_MAX = 100

interface Publication {
  userId: string
  id: string
  /** Without one, as it was; of a new model `private`. */
  visibility?: ModelVisibility | undefined
  workflow: Workflow
  definition: ModelDefinition
}

/**
 * Publishes a workflow as a new model, or as the next version of one, which is called from now on. The same
 * workflow and definition as the version that is called make no new one.
 * @param visibility without one, a model that was withdrawn comes back `private`
 * @throws AppError `conflict` on `id` when it isn't published under the user's own name; `limit_reached`
 */
export function publishModel(
  db: Db,
  { userId, id, visibility, workflow, definition }: Publication,
  by: Actor,
  clock: Clock,
): { id: string; version: number } {
  return immediately(db, (tx) => {
    const now = clock()
    assertOwnName(tx, userId, id)
    const before = tx.select().from(models).where(eq(models.id, id)).get()
    const called = before && findModelVersion(tx, id, before.version)
    const isSame = called !== undefined && isEqual(called, { workflow, definition })
    const version = isSame ? (before?.version ?? 1) : newestVersion(tx, id) + 1
    if (before) {
      // What was taken back from everyone goes to nobody else unasked.
      const next = visibility ?? (before.withdrawnAt === null ? undefined : 'private')
      tx.update(models)
        .set({ version, visibility: next, updatedAt: now, withdrawnAt: null })
        .where(eq(models.id, id))
        .run()
    } else {
      if (countOwn(tx, userId) >= MODELS_MAX)
        throw new AppError(
          'limit_reached',
          `You have published ${MODELS_MAX} models, withdrawn ones too. Publish it as a version of one of them.`,
        )
      const row = { id, userId, version, visibility: visibility ?? ('private' as const) }
      tx.insert(models)
        .values({ ...row, createdAt: now, updatedAt: now })
        .run()
    }
    if (!isSame) {
      tx.insert(modelVersions).values({ modelId: id, version, workflow, definition, createdAt: now }).run()
      dropOldVersions(tx, id)
    }
    const detail = `Version ${version}`
    record(tx, { action: 'model_published', by, target: id, detail }, clock)
    return { id, version }
  })
}

const countOwn = (tx: Tx, userId: string): number =>
  tx.select({ n: count() }).from(models).where(eq(models.userId, userId)).get()?.n ?? 0

/** Keeps the newest, and those that requests still run. */
function dropOldVersions(tx: Tx, id: string): void {
  const { modelId, version } = modelVersions
  const kept = tx
    .select({ version })
    .from(modelVersions)
    .where(eq(modelId, id))
    .orderBy(desc(version))
    .limit(VERSIONS_MAX)
  const used = tx
    .select({ version: modelRequests.version })
    .from(modelRequests)
    .where(and(eq(modelRequests.modelId, id), isNull(modelRequests.endedAt)))
  tx.delete(modelVersions)
    .where(and(eq(modelId, id), notInArray(version, kept), notInArray(version, used)))
    .run()
}

const isEqual = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other)

const newestVersion = (tx: Tx, id: string): number =>
  tx
    .select({ newest: sql<number | null>`max(${modelVersions.version})` })
    .from(modelVersions)
    .where(eq(modelVersions.modelId, id))
    .get()?.newest ?? 0

/** @throws AppError `conflict` on `id` */
function assertOwnName(tx: Tx, userId: string, id: string): void {
  const [owner] = id.split('/')
  const name = tx.select({ username: users.username }).from(users).where(eq(users.id, userId)).get()?.username
  if (!name) throw new AppError('conflict', 'Choose a username first: models are published under it.')
  if (name !== owner)
    throw new AppError('conflict', `id: must begin with your own username, as ${name}/name`, { field: 'id' })
}

interface ModelChange {
  visibility?: ModelVisibility | undefined
  /** An earlier one, or the newest again. */
  version?: number | undefined
}

/**
 * Says who may call a model of the user's own, and which of its versions.
 * @throws AppError `not_found`
 */
export function changeModel(
  db: Db,
  userId: string,
  id: string,
  { visibility, version }: ModelChange,
  by: Actor,
  clock: Clock,
): void {
  immediately(db, (tx) => {
    const model = ownModel(tx, userId, id)
    if (version !== undefined && !findModelVersion(tx, id, version)) throw notFound('version')
    const changes = [
      visibility !== undefined && visibility !== model.visibility && `For ${visibility}`,
      version !== undefined && version !== model.version && `Version ${version}`,
    ].filter(Boolean)
    if (!changes.length) return
    tx.update(models).set({ visibility, version, updatedAt: clock() }).where(eq(models.id, id)).run()
    record(tx, { action: 'model_changed', by, target: id, detail: changes.join(', ') }, clock)
  })
}

/**
 * Takes a model back: nobody can call it any more. What was called goes on; its owner may publish it again.
 * @throws AppError `not_found`
 */
export function withdrawModel(db: Db, userId: string, id: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    ownModel(tx, userId, id)
    tx.update(models).set({ withdrawnAt: clock() }).where(eq(models.id, id)).run()
    record(tx, { action: 'model_withdrawn', by, target: id }, clock)
  })
}

function ownModel(tx: Tx, userId: string, id: string) {
  const model = tx
    .select()
    .from(models)
    .where(and(eq(models.id, id), eq(models.userId, userId), isNull(models.withdrawnAt)))
    .get()
  if (!model) throw notFound('model')
  return model
}
