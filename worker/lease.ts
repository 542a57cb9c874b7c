import { type Claim, isStartingUntil, renewLease } from '../db/machine-claims'
import type { Clock, Db } from '../db/open'

export interface LeaseTimings {
  /** How long a worker may be silent before another takes over. */
  leaseMs: number
  renewEveryMs: number
}

/** Why work on a claim has to end before it is done. */
export type LeaseEnd = 'stop' | 'lost' | 'shutdown'

export class LeaseEnded extends Error {
  override name = 'LeaseEnded'
  constructor(readonly end: LeaseEnd) {
    super(`The lease ended: ${end}`)
  }
}

export interface Lease {
  /** Aborts with a LeaseEnded. */
  signal: AbortSignal
  stillMine(): boolean
  /** Stops renewing; says nothing to the database. */
  end(): void
}

/** Keeps a claim alive while its work runs, and tells the work when it should give up. */
export function keepLease(
  { db, clock, timings }: { db: Db; clock: Clock; timings: LeaseTimings },
  claim: Claim,
  shutdown: AbortSignal,
): Lease {
  const renew = () => {
    const status = renewLease(db, claim, { leaseMs: timings.leaseMs, clock })
    if (status === undefined) return 'lost'
    return status === 'stopping' ? 'stop' : undefined
  }
  const lease = holdLease(timings, renew, shutdown)
  return {
    ...lease,
    // A durable write less where enough of the lease is left.
    stillMine: () =>
      !lease.signal.aborted &&
      (isStartingUntil(db, claim, clock() + timings.leaseMs / 2) || lease.stillMine()),
  }
}

/** The same for a claim on whatever `renewClaim` renews; it says why the claim ended, or undefined. */
export function holdLease(
  timings: LeaseTimings,
  renewClaim: () => LeaseEnd | undefined,
  shutdown: AbortSignal,
): Lease {
  const work = new AbortController()
  const giveUp = (end: LeaseEnd) => work.abort(new LeaseEnded(end))
  const renew = () => {
    const end = renewClaim()
    if (end) giveUp(end)
    return end === undefined
  }
  const attemptRenewal = () => {
    try {
      renew()
    } catch {
      // The database was locked for a moment: the lease outlasts several missed renewals.
    }
  }
  const onShutdown = () => giveUp('shutdown')
  const timer = setInterval(attemptRenewal, timings.renewEveryMs)
  shutdown.addEventListener('abort', onShutdown)
  if (shutdown.aborted) onShutdown()
  return {
    signal: work.signal,
    stillMine: () => !work.signal.aborted && renew(),
    end: () => {
      clearInterval(timer)
      shutdown.removeEventListener('abort', onShutdown)
    },
  }
}
