import { endSessions, warnOfEnds } from '../db/machine-ends'
import { claimRemovals, forgetMachine } from '../db/machine-removal'
import type { WorkerDeps } from './deps'
import { idleStops } from './idle'
import { letGoOfUnused } from './requests/let-go'

/** What one pass may do at most of each; the rest waits for the next. */
const ACTIONS_MAX = 50
const REMOVALS_MAX = 5
/** A removal takes seconds; should its worker die, another one begins it again after this. */
const REMOVAL_LEASE_MS = 10 * 60_000

/** Stops whose time is over, and what nobody uses. Safe to run in several workers. */
export function upkeep(deps: WorkerDeps, shutdown: AbortSignal): () => Promise<void> {
  const { db, clock, queue } = deps
  const stopIdleOnes = idleStops(deps, shutdown)
  const stopUnusedOnes = letGoOfUnused(deps, shutdown)
  return async function pass() {
    warnOfEnds(db, ACTIONS_MAX, clock)
    for (const ref of endSessions(db, ACTIONS_MAX, clock)) {
      // Redis is away: the same would happen to the others, and the sweeper finds them all.
      if (!(await queue.add({ job: 'stop', ...ref }))) break
    }
    await stopIdleOnes()
    await stopUnusedOnes()
  }
}

/** Removes what was deleted, one after the other. Safe to run in several workers. */
export function removals(
  { db, clock, runtime, logger }: WorkerDeps,
  shutdown: AbortSignal,
): () => Promise<void> {
  return async function pass() {
    for (let count = 0; count < REMOVALS_MAX && !shutdown.aborted; count++) {
      const [kept] = claimRemovals(db, { limit: 1, leaseMs: REMOVAL_LEASE_MS, clock })
      if (!kept) return
      try {
        await runtime.remove(kept)
        forgetMachine(db, kept.machineId)
      } catch (error) {
        logger.warn({ err: error, machineId: kept.machineId }, 'a deleted machine could not be removed')
      }
    }
  }
}
