import { and, eq, isNull, sql } from 'drizzle-orm'
import type { LaunchFailure } from './launch-attempts'
import type { RequestClaim } from './model-request-claims'
import { moveRequest } from './model-request-states'
import type { ResultFile } from './model-requests'
import { type Clock, type Db, immediately } from './open'
import { modelRequests, resultFiles } from './schema'

const NOTHING_MORE = { stage: null, progress: null, progressText: null }

const fenced = ({ fence }: RequestClaim) => eq(modelRequests.fence, fence)

/** @returns false when the request was cancelled meanwhile, or the claim is lost: the files are nobody's then */
export function markCompleted(
  db: Db,
  claim: RequestClaim,
  { files, texts }: { files: readonly Omit<ResultFile, 'requestId'>[]; texts: Record<string, string[]> },
  clock: Clock,
): boolean {
  return immediately(db, (tx) => {
    const request = moveRequest(tx, claim.id, {
      from: ['in_progress'],
      to: 'completed',
      guard: fenced(claim),
      set: { ...NOTHING_MORE, texts, leaseUntil: 0, endedAt: clock() },
    })
    if (!request) return false
    for (const file of files)
      tx.insert(resultFiles)
        .values({ ...file, requestId: claim.id })
        .run()
    return true
  })
}

/** How the row of a request that failed differs from one that goes on. */
export const failed = (failure: LaunchFailure, clock: Clock) => ({
  ...NOTHING_MORE,
  errorClass: failure.errorClass,
  errorMessage: failure.message,
  errorDetail: failure.detail,
  endedAt: clock(),
})

/** One that was handed over is unsettled from here on: whoever failed it sees to it that ComfyUI lets go of it. */
export const markRequestFailed = (
  db: Db,
  claim: RequestClaim,
  failure: LaunchFailure,
  clock: Clock,
): boolean =>
  immediately(db, (tx) =>
    Boolean(
      moveRequest(tx, claim.id, {
        from: ['in_progress'],
        to: 'failed',
        guard: fenced(claim),
        set: { ...failed(failure, clock), unsettled: sql`${modelRequests.submittedAt} is not null` },
      }),
    ),
  )

/** Back to the queue, for any machine, not to be claimed before the given time; never once it was handed over. */
export const markRequestWaiting = (db: Db, claim: RequestClaim, notBefore: number): boolean =>
  Boolean(
    moveRequest(db, claim.id, {
      from: ['in_progress'],
      to: 'in_queue',
      guard: and(fenced(claim), isNull(modelRequests.submittedAt)),
      set: {
        ...NOTHING_MORE,
        machineId: null,
        machineAttempt: null,
        startedAt: null,
        leaseUntil: 0,
        notBefore,
      },
    }),
  )

export function markSettled(db: Db, id: string): void {
  db.update(modelRequests).set({ unsettled: false, leaseUntil: 0 }).where(eq(modelRequests.id, id)).run()
}
