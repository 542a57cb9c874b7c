import {
  and,
  asc,
  count,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
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
  /** Not before this moment. */
  since?: number | undefined
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
      failedAt: machines.updatedAt,
      errorClass: sql<string>`${machines.errorClass}`,
      message: sql<string>`coalesce(${launchAttempts.errorMessage}, '')`,
      detail: sql<string>`coalesce(${launchAttempts.errorDetail}, '')`,
    })
    .from(machines)
    .innerJoin(launchAttempts, isLastAttempt)
    .innerJoin(users, isOwner)
    .where(
      and(
        passes(db, filter),
        before && sql`(${machines.updatedAt}, ${machines.id}) < (${before.failedAt}, ${before.machineId})`,
        after && sql`(${machines.updatedAt}, ${machines.id}) > (${after.failedAt}, ${after.machineId})`,
      ),
    )
    .orderBy(order(machines.updatedAt), order(machines.id))
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

/** How many there are of each class. Reads what an index has of each machine that has failed, and no more. */
export function countFailedLaunches(
  db: Db,
  filter: FailedLaunchFilter,
): { errorClass: string; count: number }[] {
  // Of late few have failed: the plus keeps SQLite from reading all of them in the order of their classes.
  const byClass = filter.since === undefined ? machines.errorClass : sql`+${machines.errorClass}`
  return db
    .select({ errorClass: sql<string>`${machines.errorClass}`, count: count() })
    .from(machines)
    .where(passes(db, filter))
    .groupBy(byClass)
    .all()
}

// The unary plus has SQLite begin with the machines that failed, in their order, whatever else it could begin with.
const isLastAttempt = sql`${launchAttempts.machineId} = +${machines.id} and ${launchAttempts.attempt} = +${machines.attempt}`
const isOwner = sql`${users.id} = +${machines.userId}`

/** Says nothing of the launch attempt: which machines are shown is read from an index of `machines` alone. */
const passes = (db: Db, filter: FailedLaunchFilter) =>
  and(
    isNotNull(machines.errorClass),
    isNull(machines.replacedBy),
    isNull(machines.deletedAt),
    notInArray(machines.userId, usersWho(db, isNotNull(users.disabledAt))),
    filter.since === undefined ? undefined : gte(machines.updatedAt, filter.since),
    filter.class === undefined ? undefined : isOfClass(filter.class),
    filter.search === undefined ? undefined : contains(db, filter.search),
  )

/** Few, and asked for once, where an owner of each machine would be looked up. */
const usersWho = (db: Db, are: SQL | undefined) => db.select({ id: users.id }).from(users).where(are)

/**
 * Classes that this version doesn't know any more are in the group that they are shown in. The unary plus keeps
 * SQLite from the index by class, whose machines would have to be sorted afterwards.
 */
function isOfClass(name: string): SQL {
  const errorClass = sql`+${machines.errorClass}`
  if (!Object.hasOwn(LAUNCH_ERROR_GROUPS, name)) return eq(errorClass, name)
  return name === 'slipway'
    ? notInArray(
        errorClass,
        classesOf((group) => group !== name),
      )
    : inArray(
        errorClass,
        classesOf((group) => group === name),
      )
}

const classesOf = (isWanted: (group: LaunchErrorGroup) => boolean): string[] =>
  Object.entries(LAUNCH_ERRORS).flatMap(([name, { group }]) => (isWanted(group) ? [name] : []))

function contains(db: Db, text: string): SQL | undefined {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const has = (column: SQLiteColumn) => sql`${column} like ${pattern} escape '\\'`
  return or(has(machines.name), inArray(machines.userId, usersWho(db, or(has(users.name), has(users.email)))))
}
