import { and, asc, eq, isNotNull, isNull, lte } from 'drizzle-orm'
import { AppError } from '../errors'
import { type MachineLimits, sessionLength } from '../machine-settings'
import { type Actor, record, WORKER } from './audit'
import { addMachineEvent } from './machine-events'
import { called, type LaunchRef, requestStop } from './machine-requests'
import type { Machine } from './machine-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import { ownedMachine } from './owned-machine'
import { machines } from './schema'
import { limitsOf } from './user-limits'
import { findSubject } from './users'

/** How a running machine's session comes to its end: announced first, put off by its owner, or stopped. */

/** How long before the end it is announced. */
export const END_WARNING_MS = 10 * 60_000

const HOUR_MS = 60 * 60_000
const inMinutes = (ms: number) => `${Math.round(ms / 60_000)} minutes`
const inHours = (ms: number) => (ms === HOUR_MS ? 'an hour' : `${Number((ms / HOUR_MS).toFixed(2))} hours`)
const inWords = (ms: number) => (ms < HOUR_MS ? inMinutes(ms) : inHours(ms))

/**
 * Another session's length for a running machine, from now on.
 * @param of `limits` are everybody's, which the user's own replace; the machine's own may be less
 * @returns when it ends then
 * @throws AppError `not_found`, or `conflict` when it doesn't run or has no end
 */
export function extendMachine(
  db: Db,
  { userId, id, limits }: { userId: string; id: string; limits: MachineLimits },
  by: Actor,
  clock: Clock,
): number {
  return immediately(db, (tx) => {
    const machine = ownedMachine(tx, userId, id)
    if (machine.status !== 'running')
      throw new AppError('conflict', `Only a running machine can be extended; this one is ${machine.status}.`)
    const length = sessionLength(machine.sessionMs, limitsOf(tx, userId, limits).sessionMs)
    if (machine.endsAt === null || length === undefined)
      throw new AppError('conflict', 'Sessions have no fixed length here, so there is nothing to extend.')
    const endsAt = clock() + length
    tx.update(machines).set({ endsAt, warnedAt: null }).where(eq(machines.id, id)).run()
    addMachineEvent(tx, id, `Extended: it may run for ${inWords(length)} from now`, clock())
    record(tx, { action: 'session_extended', by, target: called(machine) }, clock)
    return endsAt
  })
}

/** Announces the ends that are near. Nobody's machine is stopped who wasn't told in time, so a late warning puts the end off. */
export function warnOfEnds(db: Db, limit: number, clock: Clock): void {
  immediately(db, (tx) => {
    const now = clock()
    const near = tx
      .select()
      .from(machines)
      .where(
        and(
          eq(machines.status, 'running'),
          lte(machines.endsAt, now + END_WARNING_MS),
          isNull(machines.warnedAt),
        ),
      )
      .limit(limit)
      .all()
    for (const { id } of near) {
      const set = { warnedAt: now, endsAt: now + END_WARNING_MS }
      tx.update(machines).set(set).where(eq(machines.id, id)).run()
      addMachineEvent(tx, id, `The session ends in ${inMinutes(END_WARNING_MS)}, unless it is extended`, now)
    }
  })
}

/** Asks the machines to stop whose sessions are over. */
export function endSessions(db: Db, limit: number, clock: Clock): LaunchRef[] {
  return immediately(db, (tx) => {
    const over = tx
      .select()
      .from(machines)
      .where(and(eq(machines.status, 'running'), lte(machines.endsAt, clock()), isNotNull(machines.warnedAt)))
      .orderBy(asc(machines.endsAt))
      .limit(limit)
      .all()
    return over.map((machine) => stopBecause(tx, machine, 'its session is over', clock))
  })
}

/** Stops a running machine that nobody asked to stop, and says why. */
export function stopBecause(tx: Tx, machine: Machine, why: string, clock: Clock): LaunchRef {
  const subject = findSubject(tx, machine.userId)
  if (requestStop(tx, machine, clock(), why))
    record(
      tx,
      { action: 'machine_stopped', by: WORKER, subject, target: called(machine), detail: `Because ${why}` },
      clock,
    )
  return { machineId: machine.id, attempt: machine.attempt }
}
