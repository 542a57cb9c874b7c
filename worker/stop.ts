import { type Claim, claimStop, holds } from '../db/machine-claims'
import { markStopped } from '../db/machine-outcomes'
import { findMachine } from '../db/machine-states'
import { nextInWorkspace } from '../db/machine-upkeep'
import type { WorkerDeps } from './deps'
import { keepLease } from './lease'
import { wakeNext } from './wake-next'

/** Ends a machine that was asked to stop, unless the launch that still holds it is about to do so. */
export async function stop(deps: WorkerDeps, machineId: string, shutdown: AbortSignal): Promise<void> {
  const { db, clock, timings } = deps
  const claim = claimStop(db, machineId, { leaseMs: timings.leaseMs, clock })
  if (!claim) return
  const lease = keepLease(deps, claim, shutdown)
  try {
    await finishStop(deps, claim)
  } finally {
    lease.end()
  }
}

/** Under a claim that holds: ends what runs, writes it down, and wakes whoever waits for the workspace. */
export async function finishStop(deps: WorkerDeps, claim: Claim): Promise<void> {
  const { db, clock, runtime, queue } = deps
  const machine = findMachine(db, claim.machineId)
  if (machine?.fence !== claim.fence || machine.status !== 'stopping') return
  await runtime.stop(claim.machineId, () => holds(db, claim))
  if (!markStopped(db, claim, clock)) return
  const next = nextInWorkspace(db, machine.workspaceId)
  if (next) await queue.add({ job: 'launch', ...next })
  await wakeNext(deps)
}
