import { and, eq, gte, lte, notInArray, sql } from 'drizzle-orm'
import { type ModelRequest, moveRequest, OPEN_REQUESTS } from './model-request-states'
import { findRequest } from './model-request-work'
import type { Clock, Db } from './open'
import { modelRequests } from './schema'

/** Who works on a request, as db/machine-claims.ts has it of machines. */

/** A claim that holds on one request. */
export interface RequestClaim {
  id: string
  fence: number
}

export interface ClaimedRequest {
  claim: RequestClaim
  request: ModelRequest
}

export interface LeaseRules {
  leaseMs: number
  clock: Clock
}

/** What every claim sets. */
export const claiming = ({ leaseMs, clock }: LeaseRules) => ({
  fence: sql`${modelRequests.fence} + 1`,
  tries: sql`${modelRequests.tries} + 1`,
  leaseUntil: sql`${clock() + leaseMs}`,
})

/** Goes on with a request in progress that nobody works on any more. @returns undefined when somebody does */
export function takeOverRequest(db: Db, id: string, rules: LeaseRules): ClaimedRequest | undefined {
  const request = moveRequest(db, id, {
    from: ['in_progress'],
    to: 'in_progress',
    guard: lte(modelRequests.leaseUntil, rules.clock()),
    set: claiming(rules),
  })
  return request && { claim: { id, fence: request.fence }, request }
}

export const isMine = ({ id, fence }: RequestClaim) =>
  and(eq(modelRequests.id, id), eq(modelRequests.fence, fence), eq(modelRequests.status, 'in_progress'))

/** Whether nobody else can take the request over before the given time. */
export const isHeldUntil = (db: Db, claim: RequestClaim, until: number): boolean =>
  db
    .select({ id: modelRequests.id })
    .from(modelRequests)
    .where(and(isMine(claim), gte(modelRequests.leaseUntil, until)))
    .get() !== undefined

/** @returns why the claim ended; undefined while it holds */
export function renewRequest(
  db: Db,
  claim: RequestClaim,
  { leaseMs, clock }: LeaseRules,
): 'stop' | 'lost' | undefined {
  const set = { leaseUntil: clock() + leaseMs }
  if (db.update(modelRequests).set(set).where(isMine(claim)).run().changes) return undefined
  const row = findRequest(db, claim.id)
  return row?.status === 'cancelled' && row.fence === claim.fence ? 'stop' : 'lost'
}

/** Gives the request back as it is, for any worker to go on with at once; it doesn't count as a try. */
export function releaseRequest(db: Db, claim: RequestClaim): void {
  db.update(modelRequests)
    .set({ leaseUntil: 0, tries: sql`${modelRequests.tries} - 1` })
    .where(isMine(claim))
    .run()
}

/** Takes a request that has ended and that ComfyUI may still work on, unless somebody is about to settle it. */
export const claimUnsettled = (db: Db, id: string, { leaseMs, clock }: LeaseRules): boolean =>
  db
    .update(modelRequests)
    .set({ leaseUntil: clock() + leaseMs })
    .where(
      and(
        eq(modelRequests.id, id),
        eq(modelRequests.unsettled, true),
        notInArray(modelRequests.status, [...OPEN_REQUESTS]),
        lte(modelRequests.leaseUntil, clock()),
      ),
    )
    .run().changes > 0
