import type { Logger } from 'pino'
import type { Clock } from '../db/open'

/** So many probes without an answer, one a beat, and the queue has gone silent. */
const UNANSWERED_MAX = 6

interface WatchdogDeps {
  /** Sends this worker a job by way of the queue. @returns false when Redis is away or takes nothing */
  probe(): Promise<boolean>
  /** Whether it has as many jobs as it takes, and so fetches no more. */
  isFull(): boolean
  /** Connects to the queue anew. */
  reconnect(): void
  clock: Clock
  logger: Logger
}

/**
 * Sees the silent kind of failure: a worker that lives, sweeps and beats, but to which the queue brings
 * nothing any more, as BullMQ's have done after outages of Redis. Counts probes instead of time, so that a
 * process that was suspended, or a clock that was moved, is not taken for it.
 */
export function watchdog({ probe, isFull, reconnect, clock, logger }: WatchdogDeps) {
  let unanswered = 0
  let takesJobsAt = 0

  function tookJob() {
    unanswered = 0
    takesJobsAt = clock()
  }

  return {
    /** For every job that the queue brings. */
    tookJob,

    /** When the queue last proved that it brings this worker its jobs; 0 while it hasn't. */
    takesJobsAt: () => takesJobsAt,

    /** Once a beat. */
    async look(): Promise<void> {
      if (isFull()) return tookJob()
      if (unanswered >= UNANSWERED_MAX) {
        logger.error('the queue brings this worker no jobs: connecting to it anew')
        unanswered = 0
        reconnect()
      }
      unanswered++
      if (!(await probe())) unanswered = 0
    },
  }
}
