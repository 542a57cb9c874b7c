import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from './open'
import { machines } from './schema'

/** What charts and tables of usage are made of. Days are UTC, counted from 1970. */

export const DAY_MS = 24 * 60 * 60_000

/** Whole days; without a user everybody's. */
export interface UsageWindow {
  since: number
  until: number
  userId?: string | undefined
}

export interface UsageRun {
  machineId: string
  machineName: string
  userId: string
  size: string
  gpus: number
  requestedAt: number
  startedAt: number
  /** Null while it runs. */
  endedAt: number | null
}

/** Written out: a number that is bound divides without rounding. */
const DAY = sql.raw(String(DAY_MS))

const ofUser = (column: string, userId: string | undefined) =>
  userId === undefined ? sql`` : sql`and ${sql.raw(column)} = ${userId}`

/** Every run that has a part in the window, also those that began before it. */
export const listRunsWithin = (db: Db, { since, until, userId }: UsageWindow): UsageRun[] =>
  db.all(sql`select machine_id machineId, machine_name machineName, user_id userId, size, gpus,
      requested_at requestedAt, started_at startedAt, ended_at endedAt
    from "machine_runs"
    where (ended_at > ${since} or ended_at is null) ${ofUser('user_id', userId)} and started_at < ${until}`)

/** Launches that came to nothing, of machines that are still there; one that ran first is none of them. */
export const countFailedLaunchesByDay = (db: Db, { since, until, userId }: UsageWindow) =>
  db.all<{ day: number; count: number }>(sql`select a.ended_at / ${DAY} day, count(*) count
    from "launch_attempts" a
    where a.error_class is not null and a.ended_at >= ${since} and a.ended_at < ${until}
      ${
        userId === undefined
          ? sql``
          : sql`and exists (select 1 from machines m where m.id = a.machine_id and m.user_id = ${userId})`
      }
      and not exists (
        select 1 from machine_runs r where r.machine_id = a.machine_id and r.attempt = a.attempt)
    group by day`)

/** Of one user, those that are not deleted. */
export const listMachineIds = (db: Db, userId: string): string[] =>
  db
    .select({ id: machines.id })
    .from(machines)
    .where(and(eq(machines.userId, userId), isNull(machines.deletedAt)))
    .all()
    .map(({ id }) => id)

export interface DownloadSum {
  count: number
  bytes: number
}

// `total` and not `sum`: sizes are what machines say, and a sum that is too large for an integer is an error.
export const sumDownloadsByDay = (db: Db, { since, until, userId }: UsageWindow) =>
  db.all<
    DownloadSum & { day: number }
  >(sql`select at / ${DAY} day, count(*) count, total(bytes) bytes from "downloads"
    where at >= ${since} and at < ${until} ${ofUser('user_id', userId)} group by day`)

/** @param of what it is summed up for */
export function sumDownloadsOf(db: Db, of: 'machine' | 'user', { since, until, userId }: UsageWindow) {
  const column = sql.raw(of === 'machine' ? 'machine_id' : 'user_id')
  const rows = db.all<
    DownloadSum & { id: string }
  >(sql`select ${column} id, count(*) count, total(bytes) bytes from "downloads"
    where at >= ${since} and at < ${until} ${ofUser('user_id', userId)} group by ${column}`)
  return new Map(rows.map(({ id, ...sum }) => [id, sum]))
}

export interface RunSum {
  runs: number
  /** Milliseconds within the window, up to now; */
  ms: number
  /** the same times the GPUs. */
  gpuMs: number
}

/** How long runs lasted in all, by the key of each. */
export function sumRuns(
  runs: readonly UsageRun[],
  { since, until }: UsageWindow,
  now: number,
  keyOf: (run: UsageRun) => string,
): Map<string, RunSum> {
  const byKey = new Map<string, RunSum>()
  for (const run of runs) {
    const key = keyOf(run)
    const sum = byKey.get(key) ?? { runs: 0, ms: 0, gpuMs: 0 }
    byKey.set(key, sum)
    const ms = Math.max(0, Math.min(run.endedAt ?? now, until) - Math.max(run.startedAt, since))
    sum.runs += 1
    sum.ms += ms
    sum.gpuMs += ms * run.gpus
  }
  return byKey
}

export interface TimeByDay {
  /** Milliseconds, a place for each day of the window; */
  ms: number[]
  /** the same times the GPUs. */
  gpuMs: number[]
}

/** How long runs lasted on each day of the window, up to now, by the key of each. */
export function runTimeByDay(
  runs: readonly UsageRun[],
  { since, until }: UsageWindow,
  now: number,
  keyOf: (run: UsageRun) => string,
): Map<string, TimeByDay> {
  const none = () => Array<number>(Math.round((until - since) / DAY_MS)).fill(0)
  const byKey = new Map<string, TimeByDay>()
  for (const run of runs) {
    const key = keyOf(run)
    const sums = byKey.get(key) ?? { ms: none(), gpuMs: none() }
    byKey.set(key, sums)
    const from = Math.max(run.startedAt, since)
    const to = Math.min(run.endedAt ?? now, until)
    for (let day = Math.floor((from - since) / DAY_MS); since + day * DAY_MS < to; day++) {
      const begin = since + day * DAY_MS
      const ms = Math.min(to, begin + DAY_MS) - Math.max(from, begin)
      sums.ms[day] = (sums.ms[day] ?? 0) + ms
      sums.gpuMs[day] = (sums.gpuMs[day] ?? 0) + ms * run.gpus
    }
  }
  return byKey
}
