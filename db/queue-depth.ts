import { and, count, eq, gt, lte, min } from 'drizzle-orm'
import type { Clock, Db } from './open'
import { machines } from './schema'

export interface QueueDepth {
  /** Launches that wait for a worker or for a machine's place, */
  waiting: number
  /** and since when the longest waiting does; null when none waits. */
  waitingSince: number | null
  /** Launches that are tried again later. */
  delayed: number
  starting: number
}

/** How many launches are on their way. The database says so: what Redis has of them is a hint. */
export function queueDepth(db: Db, clock: Clock): QueueDepth {
  const now = clock()
  const queued = eq(machines.status, 'queued')
  const counted = (where: ReturnType<typeof and>) =>
    db
      .select({ count: count(), since: min(machines.updatedAt) })
      .from(machines)
      .where(where)
      .get() ?? { count: 0, since: null }
  const waiting = counted(and(queued, lte(machines.notBefore, now)))
  return {
    waiting: waiting.count,
    waitingSince: waiting.since,
    delayed: counted(and(queued, gt(machines.notBefore, now))).count,
    starting: counted(eq(machines.status, 'starting')).count,
  }
}
