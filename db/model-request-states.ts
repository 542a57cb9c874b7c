import { type AnyColumn, and, eq, inArray, isNull, type Placeholder, type SQL, sql } from 'drizzle-orm'
import { dropInlineFiles } from './model-request-inputs'
import type { Db, Tx } from './open'
import { modelRequests, type RequestStatus } from './schema'

export type ModelRequest = typeof modelRequests.$inferSelect

/** Every move that a request's status may make. */
const MOVES: Record<RequestStatus, readonly RequestStatus[]> = {
  in_queue: ['in_progress', 'failed', 'cancelled'],
  // To itself: another worker takes over after the lease ran out. Back: its machine went before it was sent there.
  in_progress: ['in_progress', 'in_queue', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
}

export const OPEN_REQUESTS = ['in_queue', 'in_progress'] as const satisfies RequestStatus[]

/** A user's requests that have not ended, found without a look at all those that have. */
export const openOf = (userId: string | AnyColumn | Placeholder) =>
  and(eq(modelRequests.userId, userId), isNull(modelRequests.endedAt))

type Changes = {
  [Column in Exclude<keyof ModelRequest, 'id' | 'status' | 'revision'>]?: ModelRequest[Column] | SQL
}

interface Move {
  from: readonly RequestStatus[]
  to: RequestStatus
  /** What must hold besides: owner, fence, lease. */
  guard: SQL | undefined
  set?: Changes
}

/** What each change that somebody may see gives a row: more than any row has. */
export const nextRevision = (tx: Db | Tx) =>
  sql`${tx.select({ next: sql`coalesce(max(${modelRequests.revision}), 0) + 1` }).from(modelRequests)}`

/**
 * The only place that sets a request's status: one guarded update. One that ends lets go of its inline files.
 * @returns the request after the move, or undefined when the guard no longer held and nothing changed
 */
export function moveRequest(
  tx: Db | Tx,
  id: string,
  { from, to, guard, set }: Move,
): ModelRequest | undefined {
  for (const status of from)
    if (!MOVES[status].includes(to)) throw new Error(`A request never goes from ${status} to ${to}.`)
  const request = tx
    .update(modelRequests)
    .set({ ...set, status: to, revision: nextRevision(tx) })
    .where(and(eq(modelRequests.id, id), inArray(modelRequests.status, [...from]), guard))
    .returning()
    .get()
  if (request && !MOVES[to].length) dropInlineFiles(tx, id)
  return request
}
