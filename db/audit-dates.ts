import { and, asc, between, desc, gte, lt, lte, max, min, type SQL } from 'drizzle-orm'
import type { Db } from './open'
import { auditEntries } from './schema'

export interface Dates {
  /** Milliseconds since 1970; `until` is the first moment that is left out. */
  since?: number | undefined
  until?: number | undefined
}

/** Ids rise with the time of entries, unless the clock was set back: by no more than this. */
const SET_BACK_MS = 24 * 60 * 60_000
const { id, at } = auditEntries
const NONE = lt(id, 0)

/**
 * What holds of entries of these dates: their time, and between which ids they lie. By the time alone the log would
 * be read from its end to the dates, and on to its beginning for a page that they don't fill.
 */
export const ofDates = (db: Db, { since, until }: Dates): SQL | undefined =>
  and(
    since === undefined ? undefined : notBefore(db, since),
    until === undefined ? undefined : before(db, until),
  )

function notBefore(db: Db, time: number): SQL | undefined {
  const first = db.select({ at }).from(auditEntries).where(gte(at, time)).orderBy(asc(at)).limit(1).get()
  if (!first) return NONE
  const near = between(at, first.at, first.at + SET_BACK_MS)
  const least = db
    .select({ id: min(id) })
    .from(auditEntries)
    .where(near)
    .get()?.id
  return and(gte(at, time), gte(id, least ?? 0))
}

function before(db: Db, time: number): SQL | undefined {
  const last = db.select({ at }).from(auditEntries).where(lt(at, time)).orderBy(desc(at)).limit(1).get()
  if (!last) return NONE
  const near = between(at, last.at - SET_BACK_MS, last.at)
  const most = db
    .select({ id: max(id) })
    .from(auditEntries)
    .where(near)
    .get()?.id
  return and(lt(at, time), lte(id, most ?? Number.MAX_SAFE_INTEGER))
}
