import type { LaunchFailure } from '../../db/launch-attempts'
import { letGoOfSilent } from '../../db/machine-let-go'
import { type ClaimedRequest, releaseRequest } from '../../db/model-request-claims'
import { findRequestMachine } from '../../db/model-request-machines'
import { markRequestFailed, markRequestWaiting } from '../../db/model-request-outcomes'
import { findRequest } from '../../db/model-request-work'
import { isBusy, isDiskFull } from '../../db/open'
import { removeResults } from '../../result-files'
import type { WorkerDeps } from '../deps'
import { LeaseEnded } from '../lease'
import { holdRequest } from './hold'
import { RequestError } from './request-error'
import { type Run, run } from './run'
import { scrubbed } from './scrubbed'
import { settle } from './settle'

const TRIES_MAX = 4

/** Serves a claimed request, from where it is to its end, or gives it back. */
export async function serve(
  deps: WorkerDeps,
  { tools, checks }: Pick<Run, 'tools' | 'checks'>,
  claimed: ClaimedRequest,
  shutdown: AbortSignal,
): Promise<void> {
  const hold = holdRequest(deps, claimed, shutdown)
  const { promptId, acceptedAt } = claimed.request
  const work: Run = { ...claimed, deps, tools, checks, hold, promptId, isAccepted: acceptedAt !== null }
  try {
    await run(work)
  } catch (error) {
    await giveUp(work, hold.stillMine() && !hold.signal.aborted ? error : reasonOf(work, error))
  } finally {
    hold.end()
  }
}

/** Why the work was told to end, rather than what came of that. */
const reasonOf = ({ hold }: Run, error: unknown): unknown =>
  hold.signal.aborted ? hold.signal.reason : error

async function giveUp(work: Run, error: unknown): Promise<void> {
  const { deps, tools, request, claim } = work
  const { db, clock, timings, logger } = deps
  if (error instanceof LeaseEnded) {
    if (error.end === 'shutdown') releaseRequest(db, claim)
    else await takeBack(work)
    return
  }
  if (isBusy(error)) return releaseRequest(db, claim)
  let reason = asRequestError(error)
  logger.info({ requestId: request.id, errorClass: reason.errorClass }, 'request did not succeed')
  if (!work.promptId && reason.isPassing) {
    // Without its machine it begins anew on another one.
    const isGone = !findRequestMachine(db, request)
    const again = isGone ? 0 : clock() + timings.retryDelayMs(request.tries)
    if (request.tries < TRIES_MAX) return void markRequestWaiting(db, claim, again)
    if (isGone) reason = endedTooOften(reason, request.tries)
  }
  const { errorClass } = reason
  const failure: LaunchFailure = { errorClass, message: reason.said, detail: reason.detail }
  if (!markRequestFailed(db, claim, scrubbed(deps, request, failure), clock)) return takeBack(work)
  deps.metrics.modelRequests.inc({ result: 'failed', error_class: errorClass })
  if (errorClass === 'comfyui_unreachable') {
    // The next request gets another one.
    const stopped = letGoOfSilent(db, request, clock)
    if (stopped) await deps.queue.add({ job: 'stop', ...stopped })
  }
  await settle(deps, tools, request.id)
}

const endedTooOften = ({ detail }: RequestError, tries: number) =>
  new RequestError(
    'machine_lost',
    detail,
    `The machine ended before this was handed to ComfyUI. It was tried ${tries} times.`,
  )

/** After somebody else ended the request or took it over: nothing of what this worker began may go on unseen. */
async function takeBack({ deps, tools, request, promptId, isAccepted }: Run): Promise<void> {
  const row = findRequest(deps.db, request.id)
  if (row?.status === 'in_progress' || row?.status === 'completed') return
  // It may have been settled before ComfyUI took it.
  await settle(deps, tools, request.id, promptId ? { promptId, isAccepted } : undefined)
  await removeResults(deps.dataDir, { userId: request.userId, requestId: request.id })
}

function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  if (isDiskFull(error)) return new RequestError('disk_full', String(error))
  return new RequestError('internal', String(error))
}
