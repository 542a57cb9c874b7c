import { quantileSorted } from 'd3-array'
import * as z from 'zod'
import type { Db } from '../../db/open'
import {
  countFailedLaunchesByDay,
  DAY_MS,
  listMachineIds,
  listRunsWithin,
  runTimeByDay,
  sumDownloadsByDay,
  sumDownloadsOf,
  sumRuns,
  type UsageRun,
  type UsageWindow,
} from '../../db/usage'
import { listUsers } from '../../db/users'
import type { MachineSize } from '../../machine-sizes'

const HOUR_MS = 60 * 60_000
export const usageInput = z
  .strictObject({
    /** How many days up to today, in UTC. */
    days: z.union([z.literal(7), z.literal(30), z.literal(90)], 'must be 7, 30 or 90').default(30),
  })
  .prefault({})

interface UsageQuery {
  days: number
  /** Whose; undefined is everybody's, with a row for each user in place of each machine. */
  userId: string | undefined
}

interface UsageContext {
  db: Db
  clock(): number
  policy: { machineSizes: readonly MachineSize[] }
}

/** GPU hours, launches and downloads: in all, by day, and by machine or user. */
export function usageView({ db, clock, policy }: UsageContext, { days, userId }: UsageQuery) {
  const now = clock()
  const until = (Math.floor(now / DAY_MS) + 1) * DAY_MS
  const window: UsageWindow = { since: until - days * DAY_MS, until, userId }
  const runs = listRunsWithin(db, window)
  const bySize = runTimeByDay(runs, window, now, ({ size }) => size)
  const labelOf = new Map(policy.machineSizes.map(({ name, label }) => [name, label]))
  const sizes = [...bySize]
    .map(([name, { ms, gpuMs }]) => ({
      name,
      label: labelOf.get(name) ?? name,
      hours: ms.map(inHours),
      gpuHours: gpuMs.map(inHours),
    }))
    .sort((one, other) => sum(other.gpuHours) - sum(one.gpuHours) || sum(other.hours) - sum(one.hours))
  const downloads = sumDownloadsByDay(db, window)
  const failures = countFailedLaunchesByDay(db, window)
  const launches = launchesByDay(runs, window)
  const byDay = Array.from({ length: days }, (_, place) => {
    const day = window.since / DAY_MS + place
    const fetched = downloads.find((each) => each.day === day)
    return {
      day: new Date(day * DAY_MS).toISOString().slice(0, 10),
      hours: sum(sizes.map((size) => size.hours[place] ?? 0)),
      gpuHours: sum(sizes.map((size) => size.gpuHours[place] ?? 0)),
      ...durationsOf(launches[place] ?? []),
      failed: failures.find((each) => each.day === day)?.count ?? 0,
      downloads: fetched?.count ?? 0,
      bytes: fetched?.bytes ?? 0,
    }
  })
  const totalOf = (name: 'hours' | 'gpuHours' | 'failed' | 'downloads' | 'bytes') =>
    sum(byDay.map((day) => day[name]))
  return {
    days,
    total: {
      ...{ hours: totalOf('hours'), gpuHours: totalOf('gpuHours'), failed: totalOf('failed') },
      ...{ downloads: totalOf('downloads'), bytes: totalOf('bytes'), ...durationsOf(launches.flat()) },
    },
    sizes,
    byDay,
    rows: rowsOf(db, runs, window, now),
  }
}

const inHours = (ms: number) => ms / HOUR_MS
const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0)

/** How many seconds each launch took that came to run on each day. */
function launchesByDay(runs: readonly UsageRun[], { since, until }: UsageWindow): number[][] {
  const byDay = Array.from({ length: (until - since) / DAY_MS }, (): number[] => [])
  for (const { requestedAt, startedAt } of runs)
    if (startedAt >= since)
      byDay[Math.floor((startedAt - since) / DAY_MS)]?.push(Math.max(0, startedAt - requestedAt) / 1000)
  return byDay
}

function durationsOf(seconds: readonly number[]) {
  const sorted = [...seconds].sort((one, other) => one - other)
  return {
    launches: sorted.length,
    p50Seconds: quantileSorted(sorted, 0.5) ?? null,
    p95Seconds: quantileSorted(sorted, 0.95) ?? null,
  }
}

/** By machine of one user, else by user; whoever used most first. */
function rowsOf(db: Db, runs: readonly UsageRun[], window: UsageWindow, now: number) {
  const of = window.userId === undefined ? 'user' : 'machine'
  const keyOf = (run: UsageRun) => (of === 'user' ? run.userId : run.machineId)
  const times = sumRuns(runs, window, now, keyOf)
  const fetched = sumDownloadsOf(db, of, window)
  const ids = [...new Set([...times.keys(), ...fetched.keys()])]
  const names =
    of === 'user'
      ? new Map(listUsers(db).map(({ id, name }) => [id, name]))
      : new Map(runs.map(({ machineId, machineName }) => [machineId, machineName]))
  const isThere = new Set(window.userId === undefined ? names.keys() : listMachineIds(db, window.userId))
  return ids
    .map((id) => ({
      id,
      /** Null of a machine that ran before the window alone. */
      name: names.get(id) ?? null,
      isThere: isThere.has(id),
      runs: times.get(id)?.runs ?? 0,
      hours: inHours(times.get(id)?.ms ?? 0),
      gpuHours: inHours(times.get(id)?.gpuMs ?? 0),
      downloads: fetched.get(id)?.count ?? 0,
      bytes: fetched.get(id)?.bytes ?? 0,
    }))
    .sort((one, other) => other.gpuHours - one.gpuHours || other.hours - one.hours || other.bytes - one.bytes)
}
