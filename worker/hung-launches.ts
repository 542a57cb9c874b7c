import { listHung, markHung } from '../db/hung-launches'
import type { WorkerDeps } from './deps'
import { LaunchError } from './launch-errors'

/** What one pass may give up at most; the rest waits for the next. */
const PASS_MAX = 10

/**
 * Gives up launches of which nothing is heard any more though a worker holds them. Whoever holds one finds
 * its claim gone; what it left is ended by the sweeper, as nothing says then that it should run.
 */
export function giveUpHung({ db, clock, logger, timings, metrics }: WorkerDeps): void {
  const quietSince = clock() - timings.hungAfterMs
  const minutes = Math.round(timings.hungAfterMs / 60_000)
  for (const claim of listHung(db, quietSince, PASS_MAX, clock)) {
    const { failure } = new LaunchError('start_hung', `Nothing was heard of it for ${minutes} min.`)
    if (!markHung(db, claim, quietSince, failure, clock)) continue
    metrics.found('hung')
    metrics.launches.inc({ result: 'failed', error_class: failure.errorClass })
    logger.warn({ machineId: claim.machineId, attempt: claim.attempt }, 'launch went quiet: given up')
  }
}
