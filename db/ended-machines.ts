import { and, gte, inArray, or } from 'drizzle-orm'
import { LIVE_STATUSES } from './machine-states'
import type { Db } from './open'
import { machines } from './schema'

/** SQLite takes some thousands of values a question at most. */
const IDS_MAX = 1000

/**
 * @param ids of machines, whoever they belong to
 * @param time in milliseconds
 * @returns those of them that ended before it, or are no machine's any more
 */
export function listEndedBefore(db: Db, ids: readonly string[], time: number): string[] {
  const isKept = or(inArray(machines.status, [...LIVE_STATUSES]), gte(machines.updatedAt, time))
  const ended: string[] = []
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const some = ids.slice(at, at + IDS_MAX)
    const kept = db
      .select({ id: machines.id })
      .from(machines)
      .where(and(inArray(machines.id, some), isKept))
      .all()
    const keptIds = new Set(kept.map(({ id }) => id))
    ended.push(...some.filter((id) => !keptIds.has(id)))
  }
  return ended
}
