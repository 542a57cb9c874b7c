import { and, asc, eq, gt, lte, notExists, sql } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/sqlite-core'
import type { LaunchFailure } from './launch-attempts'
import { type Claim, isMine } from './machine-claims'
import { fail } from './machine-outcomes'
import type { Clock, Db } from './open'
import { machineEvents, machines } from './schema'

/** A worker holds it, yet nobody claimed it and nothing was said on its timeline since. */
const isQuietSince = (since: number, now: number) =>
  and(
    gt(machines.leaseUntil, now),
    lte(machines.updatedAt, since),
    // Looks at this machine's events alone: what isn't bound to it reads the timelines of all there ever were.
    notExists(
      new QueryBuilder({ casing: 'snake_case' })
        .select({ one: sql`1` })
        .from(machineEvents)
        .where(and(eq(machineEvents.machineId, machines.id), gt(machineEvents.at, since))),
    ),
  )

/** Launches that a worker claimed and that went quiet, the longest quiet first. */
export const listHung = (db: Db, quietSince: number, limit: number, clock: Clock): Claim[] =>
  db
    .select({ machineId: machines.id, attempt: machines.attempt, fence: machines.fence })
    .from(machines)
    .where(and(eq(machines.status, 'starting'), isQuietSince(quietSince, clock())))
    .orderBy(asc(machines.updatedAt))
    .limit(limit)
    .all()

/** @returns false when it went on, ended or was claimed anew in the meantime */
export const markHung = (
  db: Db,
  claim: Claim,
  quietSince: number,
  failure: LaunchFailure,
  clock: Clock,
): boolean =>
  fail(db, claim, ['starting'], and(isMine(claim), isQuietSince(quietSince, clock())), failure, clock)
