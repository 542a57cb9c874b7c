import { markActive } from '../../db/machine-activity'
import { type ClaimedRequest, isHeldUntil, renewRequest } from '../../db/model-request-claims'
import { findRequestMachine } from '../../db/model-request-machines'
import { noteProgress } from '../../db/model-request-progress'
import type { ModelRequest } from '../../db/model-request-states'
import { findRequest } from '../../db/model-request-work'
import type { WorkerDeps } from '../deps'
import { holdLease, type Lease } from '../lease'
import { RequestError } from './request-error'
import type { Report } from './tools'

const TELL_EVERY_MS = 500
const ACTIVE_EVERY_MS = 30_000

export interface RequestHold extends Lease {
  /** Aborts with a LeaseEnded; with `timed_out`; or, once its machine no longer runs, as `machineGone` says. */
  signal: AbortSignal
  /** Writes down how far the stage is, at most twice a second. */
  report: Report
  /** Another stage has begun: what was not written down of the last one is old. */
  beganStage(): void
}

/** Passes only as long as nothing was handed over: from then on the request is lost with its machine. */
export const machineGone = (
  { machineId }: Pick<ModelRequest, 'machineId'>,
  isHandedOver: boolean,
): RequestError =>
  new RequestError(isHandedOver ? 'machine_lost' : 'comfyui_unreachable', `${machineId} no longer runs.`)

/** Keeps the claim on a request, and its machine in use, while its work runs and time is left. */
export function holdRequest(
  { db, clock, timings, requests: { timeoutMs } }: WorkerDeps,
  { claim, request }: ClaimedRequest,
  shutdown: AbortSignal,
): RequestHold {
  const giveUp = new AbortController()
  const deadline = (request.startedAt ?? clock()) + timeoutMs
  let untold: { progress: number | null; progressText: string } | undefined
  let toldAt = 0
  // As the claim says.
  let activeAt = clock()

  const tell = () => {
    if (!untold || clock() < toldAt + TELL_EVERY_MS) return
    noteProgress(db, claim, untold)
    toldAt = clock()
    untold = undefined
  }
  const keepActive = () => {
    if (!request.machineId || clock() < activeAt + ACTIVE_EVERY_MS) return
    markActive(db, request.machineId, clock)
    activeAt = clock()
  }
  const renew = () => {
    const end = renewRequest(db, claim, { leaseMs: timings.leaseMs, clock })
    if (end) return end
    if (clock() >= deadline) giveUp.abort(new RequestError('timed_out', `It had ${timeoutMs} ms.`))
    if (!findRequestMachine(db, request))
      giveUp.abort(machineGone(request, Boolean(findRequest(db, claim.id)?.submittedAt)))
    tell()
    keepActive()
    return undefined
  }
  const lease = holdLease(timings, renew, shutdown)
  return {
    ...lease,
    signal: AbortSignal.any([lease.signal, giveUp.signal]),
    // A durable write less where enough of the lease is left.
    stillMine: () =>
      !lease.signal.aborted && (isHeldUntil(db, claim, clock() + timings.leaseMs / 2) || lease.stillMine()),
    report(progress, progressText) {
      untold = { progress, progressText }
      tell()
    },
    beganStage() {
      untold = undefined
      toldAt = 0
    },
  }
}
