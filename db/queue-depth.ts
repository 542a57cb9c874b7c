import { and, count, eq, gt, lte, type SQL, sql } from 'drizzle-orm'
import { OPEN_REQUESTS } from './model-request-states'
import type { Clock, Db } from './open'
import { type MachineStatus, machines, modelRequests } from './schema'

export interface QueueDepth {
  /** Launches that wait for a worker or for a machine's place, */
  waiting: number
  /** and since when the longest waiting does; null when none waits. */
  waitingSince: number | null
  /** Launches that are tried again later. */
  delayed: number
  starting: number
}

/** A relaunch takes over the place of a machine that ran long before anybody asked for it. */
const longestSince = sql<number | null>`min(max(${machines.queuedAt}, ${machines.createdAt}))`

/** How many launches are on their way. The database says so: what Redis has of them is a hint. */
export function queueDepth(db: Db, clock: Clock): QueueDepth {
  const now = clock()
  const queued = eq(machines.status, 'queued')
  const counted = (where: ReturnType<typeof and>) =>
    db.select({ count: count(), since: longestSince }).from(machines).where(where).get() ?? {
      count: 0,
      since: null,
    }
  const waiting = counted(and(queued, lte(machines.notBefore, now)))
  return {
    waiting: waiting.count,
    waitingSince: waiting.since,
    delayed: counted(and(queued, gt(machines.notBefore, now))).count,
    starting: counted(eq(machines.status, 'starting')).count,
  }
}

const LIVE = ['queued', 'starting', 'running', 'stopping'] as const satisfies MachineStatus[]

/** How many machines there are in each state before the last one, those with none too. */
export const countByStatus = (db: Db) =>
  LIVE.map((status) => ({ status, count: countOf(db, machines, eq(machines.status, status)) }))

/** The same of requests to models that have not ended. */
export const countOpenRequests = (db: Db) =>
  OPEN_REQUESTS.map((status) => ({
    status,
    count: countOf(db, modelRequests, eq(modelRequests.status, status)),
  }))

const countOf = (db: Db, table: typeof machines | typeof modelRequests, where: SQL): number =>
  db.select({ count: count() }).from(table).where(where).get()?.count ?? 0
