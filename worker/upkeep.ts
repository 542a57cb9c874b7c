import { endSessions, warnOfEnds } from '../db/machine-ends'
import { claimRemovals, forgetMachine } from '../db/machine-removal'
import type { WorkerDeps } from './deps'
import { idleStops } from './idle'

/** What one pass may do at most of each; the rest waits for the next. */
const ACTIONS_MAX = 50
const REMOVALS_MAX = 5
/** A removal takes seconds; should its worker die, another one begins it again after this. */
const REMOVAL_LEASE_MS = 10 * 60_000

/** Stops whose time is over, and removes what was deleted. Safe to run in several workers. */
export function upkeep(deps: WorkerDeps, shutdown: AbortSignal): () => Promise<void> {
  const { db, clock, queue } = deps
  const stopIdleOnes = idleStops(deps, shutdown)
  return async function pass() {
    warnOfEnds(db, ACTIONS_MAX, clock)
    for (const ref of endSessions(db, ACTIONS_MAX, clock)) await queue.add({ job: 'stop', ...ref })
    await stopIdleOnes()
    await removeDeleted(deps, shutdown)
  }
}

async function removeDeleted(
  { db, clock, runtime, logger }: WorkerDeps,
  shutdown: AbortSignal,
): Promise<void> {
  for (const kept of claimRemovals(db, { limit: REMOVALS_MAX, leaseMs: REMOVAL_LEASE_MS, clock })) {
    if (shutdown.aborted) return
    try {
      await runtime.remove(kept)
      forgetMachine(db, kept.machineId)
    } catch (error) {
      logger.warn({ err: error, machineId: kept.machineId }, 'a deleted machine could not be removed')
    }
  }
}
