import { and, count, eq, gte, isNotNull } from 'drizzle-orm'
import { LIVE_STATUSES } from './machine-states'
import type { Db } from './open'
import { machines } from './schema'

type LiveCounts = Record<(typeof LIVE_STATUSES)[number], number>

/** How many machines have not ended, by state. Those that have are never counted. */
export function countLiveMachines(db: Db): LiveCounts {
  const counts = LIVE_STATUSES.map((status) => [
    status,
    db.select({ n: count() }).from(machines).where(eq(machines.status, status)).get()?.n ?? 0,
  ])
  return Object.fromEntries(counts) as LiveCounts
}

/** Machines that failed since a moment, also those that their owners have relaunched or deleted. */
export const countFailuresSince = (db: Db, time: number): number =>
  db
    .select({ n: count() })
    .from(machines)
    .where(and(isNotNull(machines.errorClass), gte(machines.updatedAt, time)))
    .get()?.n ?? 0
