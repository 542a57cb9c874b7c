import { and, isNull, type SQL } from 'drizzle-orm'
import { isMine, type RequestClaim } from './model-request-claims'
import { type ModelRequest, nextRevision } from './model-request-states'
import type { Clock, Db } from './open'
import { modelRequests, type RequestStage } from './schema'

type Noted = Partial<
  Pick<ModelRequest, 'stage' | 'progress' | 'progressText' | 'promptId' | 'submittedAt' | 'acceptedAt'>
>

/** @returns false when the claim is lost */
function note(db: Db, claim: RequestClaim, set: Noted, guard?: SQL): boolean {
  const { changes } = db
    .update(modelRequests)
    .set({ ...set, revision: nextRevision(db) })
    .where(and(isMine(claim), guard))
    .run()
  return changes > 0
}

export const beginStage = (db: Db, claim: RequestClaim, stage: RequestStage): boolean =>
  note(db, claim, { stage, progress: null, progressText: null })

export const noteProgress = (
  db: Db,
  claim: RequestClaim,
  progress: Pick<ModelRequest, 'progress' | 'progressText'>,
): boolean => note(db, claim, progress)

/** Before the prompt is handed over: from here on it is never handed over again. @returns false when it may not be */
export const markSubmitted = (db: Db, claim: RequestClaim, promptId: string, clock: Clock): boolean =>
  note(
    db,
    claim,
    { stage: 'running', progress: null, progressText: null, promptId, submittedAt: clock() },
    isNull(modelRequests.submittedAt),
  )

/** @param promptId under which ComfyUI has it */
export const markAccepted = (db: Db, claim: RequestClaim, promptId: string, clock: Clock): boolean =>
  note(db, claim, { promptId, acceptedAt: clock() })
