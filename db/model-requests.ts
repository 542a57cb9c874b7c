import { createHash } from 'node:crypto'
import { and, asc, count, desc, eq, sql } from 'drizzle-orm'
import { AppError, notFound } from '../errors'
import type { MachineLimits } from '../machine-settings'
import { newId } from './ids'
import { assertDiskLeft, assertMayHaveAny } from './machine-limits'
import { type ModelRequest, moveRequest, nextRevision, OPEN_REQUESTS, openOf } from './model-request-states'
import { type Clock, type Db, immediately, type Reader, type Tx } from './open'
import { modelRequestInputs, modelRequests, resultFiles } from './schema'

/** What callers ask of requests to models; a worker does the rest. Everything is the caller's own, or not there. */

export type ResultFile = typeof resultFiles.$inferSelect

interface Call {
  userId: string
  modelId: string
  version: number
  /** Checked, with defaults and seeds filled in. */
  inputs: Record<string, unknown>
  /** As they were sent. */
  given: unknown
  /** Asking again with it, after a lost answer, makes no second request. */
  idempotencyKey?: string | undefined
}

/**
 * Queues a call.
 * @param queuedMax how many of one caller may wait
 * @returns the request, or the one that the same key made before
 * @throws AppError `limit_reached`, also when the caller's files take too much; `forbidden` when the caller may have no machines; `conflict` when the key stands for another call
 */
export function createModelRequest(
  db: Db,
  { userId, modelId, version, inputs, given, idempotencyKey }: Call,
  { queuedMax, limits, clock }: { queuedMax: number; limits: MachineLimits; clock: Clock },
): ModelRequest {
  return immediately(db, (tx) => {
    const before = findRepeatedCall(tx, userId, { modelId, given, idempotencyKey })
    if (before) return before
    if (countWaiting(tx, userId) >= queuedMax)
      throw new AppError(
        'limit_reached',
        `${queuedMax} of your requests are waiting already. Wait for some of them, or cancel them.`,
        { retryAfterSeconds: 10 },
      )
    assertMayHaveAny(tx, userId, limits)
    assertDiskLeft(tx, userId, limits)
    const callHash = hashOf({ modelId, given })
    const row = { id: newId(), userId, modelId, version, idempotencyKey, callHash }
    const request = tx
      .insert(modelRequests)
      .values({ ...row, status: 'in_queue', createdAt: clock(), revision: nextRevision(tx) })
      .returning()
      .get()
    tx.insert(modelRequestInputs).values({ requestId: request.id, inputs }).run()
    return request
  })
}

/**
 * The request that the same call made before under its key: it stays, whatever became of the model since.
 * @throws AppError `conflict` when the key stands for another call
 */
export function findRepeatedCall(
  db: Reader,
  userId: string,
  { idempotencyKey, ...call }: Pick<Call, 'modelId' | 'given' | 'idempotencyKey'>,
): ModelRequest | undefined {
  if (idempotencyKey === undefined) return undefined
  const before = db
    .select()
    .from(modelRequests)
    .where(and(eq(modelRequests.userId, userId), eq(modelRequests.idempotencyKey, idempotencyKey)))
    .get()
  if (before && before.callHash !== hashOf(call))
    throw new AppError(
      'conflict',
      'This Idempotency-Key was used for another call. Send a new key with each new call.',
      { field: 'idempotencyKey' },
    )
  return before
}

/** The same whatever the order in which the inputs were sent. */
function hashOf({ modelId, given }: Pick<Call, 'modelId' | 'given'>): string {
  const sorted = isRecord(given)
    ? Object.entries(given).sort(([one], [other]) => (one < other ? -1 : 1))
    : given
  return createHash('sha256')
    .update(JSON.stringify([modelId, sorted]))
    .digest('hex')
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const countWaiting = (tx: Tx, userId: string): number =>
  tx
    .select({ n: count() })
    .from(modelRequests)
    .where(and(openOf(userId), eq(modelRequests.status, 'in_queue')))
    .get()?.n ?? 0

const owned = (userId: string, id: string) => and(eq(modelRequests.id, id), eq(modelRequests.userId, userId))

export const getModelRequest = (db: Reader, userId: string, id: string): ModelRequest | undefined =>
  db.select().from(modelRequests).where(owned(userId, id)).get()

/** What a request of the user's was called with: can be megabytes. @returns null once that is no longer kept */
export function getRequestInputs(db: Reader, userId: string, id: string): Record<string, unknown> | null {
  const row = db
    .select({ inputs: modelRequestInputs.inputs })
    .from(modelRequests)
    .innerJoin(modelRequestInputs, eq(modelRequestInputs.requestId, modelRequests.id))
    .where(owned(userId, id))
    .get()
  return row?.inputs ?? null
}

/** The files of a request, in order. */
export const listResultFiles = (db: Reader, requestId: string): ResultFile[] =>
  db
    .select()
    .from(resultFiles)
    .where(eq(resultFiles.requestId, requestId))
    .orderBy(asc(resultFiles.position))
    .all()

/**
 * The caller's requests, the newest first, of one model if it is named.
 * @param before id of a request: older ones only
 * @throws AppError `not_found` when the caller has no such request
 */
export function listModelRequests(
  db: Db,
  userId: string,
  { modelId, before, limit }: { modelId?: string | undefined; before?: string | undefined; limit: number },
): ModelRequest[] {
  const last = before === undefined ? undefined : getModelRequest(db, userId, before)
  if (before !== undefined && !last) throw notFound('request')
  return db
    .select()
    .from(modelRequests)
    .where(
      and(
        eq(modelRequests.userId, userId),
        modelId === undefined ? undefined : eq(modelRequests.modelId, modelId),
        last && sql`(${modelRequests.createdAt}, ${modelRequests.id}) < (${last.createdAt}, ${last.id})`,
      ),
    )
    .orderBy(desc(modelRequests.createdAt), desc(modelRequests.id))
    .limit(limit)
    .all()
}

/** How many of the caller's requests come before this one that waits. */
export const requestsAhead = (db: Reader, { userId, id, createdAt }: ModelRequest): number =>
  db
    .select({ n: count() })
    .from(modelRequests)
    .where(
      and(openOf(userId), sql`(${modelRequests.createdAt}, ${modelRequests.id}) < (${createdAt}, ${id})`),
    )
    .get()?.n ?? 0

/**
 * Takes a request back. One that ComfyUI may work on is interrupted there by a worker; what comes out of it is
 * thrown away.
 * @returns the request as it is now, and whether this or an earlier call took it back
 * @throws AppError `not_found`
 */
export function cancelModelRequest(
  db: Db,
  userId: string,
  id: string,
  clock: Clock,
): { request: ModelRequest; cancelled: boolean; wasOpen: boolean } {
  return immediately(db, (tx) => {
    const moved = moveRequest(tx, id, {
      from: OPEN_REQUESTS,
      to: 'cancelled',
      guard: eq(modelRequests.userId, userId),
      set: {
        stage: null,
        progress: null,
        progressText: null,
        // The lease stays: whoever holds it may be about to hand the prompt over, and takes it back itself.
        endedAt: clock(),
        unsettled: sql`${modelRequests.submittedAt} is not null`,
      },
    })
    const request = moved ?? getModelRequest(tx, userId, id)
    if (!request) throw notFound('request')
    return { request, cancelled: request.status === 'cancelled', wasOpen: moved !== undefined }
  })
}
