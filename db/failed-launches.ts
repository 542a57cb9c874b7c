import { and, asc, count, desc, eq, inArray, isNull, notInArray, or, type SQL, sql } from 'drizzle-orm'
import { LAUNCH_ERROR_GROUPS, LAUNCH_ERRORS, type LaunchErrorGroup } from '../launch-errors'
import type { Db } from './open'
import { launchAttempts, machines, users } from './schema'

export interface FailedAttempt {
  attempt: number
  /** Null of an attempt that ended without failing. */
  errorClass: string | null
  message: string | null
}

export interface FailedLaunch {
  machineId: string
  machineName: string
  userName: string
  attempt: number
  failedAt: number
  errorClass: string
  message: string
  detail: string
  /** Those before this one, the first first. */
  earlier: FailedAttempt[]
}

export interface FailedLaunchFilter {
  /** A class of `launch-errors.ts`, or a whole group. */
  class?: string | undefined
  /** A part of the machine's name, or of its owner's name or e-mail address. */
  search?: string | undefined
}

/** The place of a launch in the list. */
export type FailedLaunchCursor = Pick<FailedLaunch, 'failedAt' | 'machineId'>

/** Which page: next to a launch, or, without one, the latest. */
export interface FailedLaunchPage {
  /** Launches that failed before this one. */
  before?: FailedLaunchCursor | undefined
  /** Launches that failed after it, beginning with the next. */
  after?: FailedLaunchCursor | undefined
  limit: number
}

/** Machines whose last attempt failed and that their owners can, and didn't, relaunch, the latest first. */
export function listFailedLaunches(
  db: Db,
  filter: FailedLaunchFilter = {},
  { before, after, limit }: FailedLaunchPage = { limit: 100 },
): FailedLaunch[] {
  const order = after ? asc : desc
  const rows = db
    .select({
      machineId: machines.id,
      machineName: machines.name,
      userName: users.name,
      attempt: machines.attempt,
      failedAt: sql<number>`coalesce(${launchAttempts.endedAt}, 0)`,
      errorClass: sql<string>`coalesce(${launchAttempts.errorClass}, '')`,
      message: sql<string>`coalesce(${launchAttempts.errorMessage}, '')`,
      detail: sql<string>`coalesce(${launchAttempts.errorDetail}, '')`,
    })
    .from(machines)
    .innerJoin(launchAttempts, isLastAttempt)
    .innerJoin(users, eq(users.id, machines.userId))
    .where(
      and(
        passes(filter),
        before &&
          sql`(${launchAttempts.endedAt}, ${machines.id}) < (${before.failedAt}, ${before.machineId})`,
        after && sql`(${launchAttempts.endedAt}, ${machines.id}) > (${after.failedAt}, ${after.machineId})`,
      ),
    )
    .orderBy(order(launchAttempts.endedAt), order(machines.id))
    .limit(limit)
    .all()
  if (after) rows.reverse()
  const ids = rows.map(({ machineId }) => machineId)
  const attempts = db
    .select()
    .from(launchAttempts)
    .where(inArray(launchAttempts.machineId, ids))
    .orderBy(asc(launchAttempts.attempt))
    .all()
  return rows.map((row) => ({
    ...row,
    earlier: attempts
      .filter(({ machineId, attempt }) => machineId === row.machineId && attempt < row.attempt)
      .map(({ attempt, errorClass, errorMessage }) => ({ attempt, errorClass, message: errorMessage })),
  }))
}

/** How many there are of each class. */
export function countFailedLaunches(
  db: Db,
  filter: FailedLaunchFilter,
): { errorClass: string; count: number }[] {
  const errorClass = sql<string>`coalesce(${launchAttempts.errorClass}, '')`
  return db
    .select({ errorClass, count: count() })
    .from(machines)
    .innerJoin(launchAttempts, isLastAttempt)
    .innerJoin(users, eq(users.id, machines.userId))
    .where(passes(filter))
    .groupBy(errorClass)
    .all()
}

const isLastAttempt = and(
  eq(launchAttempts.machineId, machines.id),
  eq(launchAttempts.attempt, machines.attempt),
)

const passes = (filter: FailedLaunchFilter) =>
  and(
    eq(machines.status, 'failed'),
    isNull(machines.replacedBy),
    isNull(machines.deletedAt),
    isNull(users.disabledAt),
    filter.class === undefined ? undefined : isOfClass(filter.class),
    filter.search === undefined ? undefined : contains(filter.search),
  )

/** Classes that this version doesn't know any more are in the group that they are shown in. */
function isOfClass(name: string): SQL {
  if (!Object.hasOwn(LAUNCH_ERROR_GROUPS, name)) return eq(launchAttempts.errorClass, name)
  return name === 'slipway'
    ? notInArray(
        launchAttempts.errorClass,
        classesOf((group) => group !== name),
      )
    : inArray(
        launchAttempts.errorClass,
        classesOf((group) => group === name),
      )
}

const classesOf = (isWanted: (group: LaunchErrorGroup) => boolean): string[] =>
  Object.entries(LAUNCH_ERRORS).flatMap(([name, { group }]) => (isWanted(group) ? [name] : []))

function contains(text: string): SQL | undefined {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return or(
    ...[machines.name, users.name, users.email].map((column) => sql`${column} like ${pattern} escape '\\'`),
  )
}
