import * as z from 'zod'
import type { Actor } from '../../db/audit'
import {
  countFailedLaunches,
  type FailedLaunch,
  type FailedLaunchCursor,
  type FailedLaunchFilter,
  listFailedLaunches,
} from '../../db/failed-launches'
import { retryLaunch } from '../../db/launch-retries'
import type { Clock, Db } from '../../db/open'
import { isAppError } from '../../errors'
import { LAUNCH_ERROR_GROUPS, launchError, retryMayHelp } from '../../launch-errors'
import { type SizeUse, sizesFor } from '../../machine-sizes'
import type { Context } from './context'
import { iso } from './iso'

/** What one call retries at most; whoever wants more asks again. */
const RETRIES_MAX = 50
const HOUR_MS = 60 * 60_000
const PERIODS = ['24h', '7d'] as const
const PERIOD_MS = { '24h': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS }
const NO_PAGE = 'is no page of the list; begin with the first'

const cursor = z
  .string()
  .regex(/^\d{1,15}-[a-z0-9]{1,64}$/, NO_PAGE)
  .transform((text): FailedLaunchCursor => {
    const [failedAt = '', machineId = ''] = text.split('-')
    return { failedAt: Number(failedAt), machineId }
  })
const filter = z.strictObject({
  /** A class of failure, or a group of them. */
  class: z
    .string()
    .regex(/^[a-z_]{1,40}$/, 'is no reason of the list; choose one there')
    .optional(),
  search: z.string().trim().max(100, 'has more than 100 characters; search for less').optional(),
  /** How long ago at most. */
  within: z.enum(PERIODS, `must be one of ${PERIODS.join(', ')}`).optional(),
})

export const failedLaunchesInput = filter
  .extend({
    before: cursor.optional(),
    after: cursor.optional(),
    limit: z.number().int().min(1).max(100, 'must be at most 100').default(25),
  })
  .prefault({})

export const retryFailedInput = filter
  .extend({
    ids: z
      .array(z.string().max(64))
      .min(1, 'is empty; choose a launch')
      .max(RETRIES_MAX, `are more than ${RETRIES_MAX}; choose fewer at a time`)
      .optional(),
  })
  .refine(({ ids, class: name }) => (ids === undefined) !== (name === undefined), {
    path: ['ids'],
    error: 'or a class has to be given, and not both',
  })

const asFilter = (
  { class: name, search, within }: z.output<typeof filter>,
  clock: Clock,
): FailedLaunchFilter => ({
  class: name,
  search: search || undefined,
  since: within && clock() - PERIOD_MS[within],
})

/**
 * A page of the list, the latest failure first, with the cursors of the pages next to it, and what can be
 * chosen to see less of it.
 */
export function failedLaunchesView(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { before, after, limit, ...given }: z.output<typeof failedLaunchesInput>,
) {
  const wanted = asFilter(given, clock)
  const launches = listFailedLaunches(db, wanted, { before, after, limit })
  const [newest, oldest] = [launches[0], launches.at(-1)]
  const counts = countFailedLaunches(db, { ...wanted, class: undefined })
  const hasMore = (page: { before?: FailedLaunchCursor; after?: FailedLaunchCursor }) =>
    listFailedLaunches(db, wanted, { ...page, limit: 1 }).length > 0
  return {
    launches: launches.map(launchView),
    /** Of all that pass the filter, and how many of them no retry helps as things are. */
    ...totals(counts.filter(({ errorClass }) => isWanted(errorClass, wanted.class))),
    groups: groupsOf(counts),
    older: oldest && hasMore({ before: oldest }) ? cursorOf(oldest) : null,
    newer: newest && hasMore({ after: newest }) ? cursorOf(newest) : null,
  }
}

const cursorOf = ({ failedAt, machineId }: FailedLaunch) => `${failedAt}-${machineId}`

function launchView({ failedAt, earlier, ...launch }: FailedLaunch) {
  const { group, label, adminCure } = launchError(launch.errorClass)
  return {
    ...launch,
    failedAt: iso(failedAt),
    group,
    label,
    cure: adminCure,
    retryMayHelp: retryMayHelp(launch.errorClass),
    earlier: earlier.map(({ attempt, errorClass, message }) => ({
      attempt,
      label: errorClass === null ? null : launchError(errorClass).label,
      message,
    })),
  }
}

type Counts = ReturnType<typeof countFailedLaunches>

const sum = (counts: Counts) => counts.reduce((total, { count }) => total + count, 0)

const isWanted = (errorClass: string, name: string | undefined) =>
  name === undefined || errorClass === name || launchError(errorClass).group === name

const totals = (counts: Counts) => ({
  total: sum(counts),
  beyondRetry: sum(counts.filter(({ errorClass }) => !retryMayHelp(errorClass))),
})

/** What there is, by groups and by classes in them, in the order of the table. */
function groupsOf(counts: Counts) {
  return Object.entries(LAUNCH_ERROR_GROUPS).flatMap(([group, label]) => {
    const found = counts.filter(({ errorClass }) => launchError(errorClass).group === group)
    const classes = found.map(({ errorClass, count }) => ({
      class: errorClass,
      label: launchError(errorClass).label,
      count,
    }))
    return found.length ? [{ group, label, count: sum(found), classes }] : []
  })
}

/** What a retry is held to: the same as a launch by the machine's owner. */
export const retryRules = ({ policy, requestId }: Context) => ({
  requestId,
  limits: policy.machineLimits,
  isOffered: (size: string, use: SizeUse) =>
    sizesFor(policy.machineSizes, use).some(({ name }) => name === size),
})

/** What came of one of several retries. */
export type RetryResult = { id: string; attempt: number } | { id: string; refused: string }

/**
 * Retries what was chosen, of a class the longest failed first. One that is refused, as by another
 * administrator who was quicker, doesn't keep the others.
 * @returns what came of each, and how many of the class are left for the next call
 */
export async function retryFailed(
  ctx: Context & { by: Actor },
  { ids, ...given }: z.output<typeof retryFailedInput>,
): Promise<{ results: RetryResult[]; left: number }> {
  const { db, queue, clock, by } = ctx
  const rules = retryRules(ctx)
  const wanted = asFilter(given, clock)
  const chosen = ids ? [...new Set(ids)] : longestFailed(db, wanted)
  const retried = chosen.map((id) => orRefusal(id, () => retryLaunch(db, id, by, clock, rules)))
  // Beside each other: with Redis away each of them takes its time.
  await Promise.all(retried.map(async (one) => 'refused' in one || queue.add({ job: 'launch', ...one })))
  return {
    results: retried.map((one) => ('refused' in one ? one : { id: one.machineId, attempt: one.attempt })),
    left: ids ? 0 : sum(countFailedLaunches(db, wanted)),
  }
}

const longestFailed = (db: Db, wanted: FailedLaunchFilter): string[] =>
  listFailedLaunches(db, wanted, { after: { failedAt: -1, machineId: '' }, limit: RETRIES_MAX })
    .map(({ machineId }) => machineId)
    .reverse()

function orRefusal<T>(id: string, work: () => T): T | { id: string; refused: string } {
  try {
    return work()
  } catch (error) {
    if (isAppError(error)) return { id, refused: error.message }
    throw error
  }
}
