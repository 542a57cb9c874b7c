import { and, eq, sql } from 'drizzle-orm'
import { RUNNING, triesAgain } from '../launch-events'
import { endAttempt, findAttempt, type LaunchFailure } from './launch-attempts'
import { type Claim, isMine } from './machine-claims'
import { addMachineEvent, type EventLine } from './machine-events'
import type { LaunchRef } from './machine-requests'
import { beginRun } from './machine-runs'
import { findMachine, moveMachine, preparedMove } from './machine-states'
import { type Clock, type Db, immediately, joining, type Tx } from './open'
import { prepared, preparedInsert } from './prepared'
import { machineServices, machines, type ServiceName } from './schema'

/** What a worker writes of the machine that it works on. */

export interface ServiceAddress {
  name: ServiceName
  /** `http://host:port` as the machine proxy reaches it. */
  address: string
}

const moveToRunning = preparedMove(() => ({
  from: ['starting'],
  to: 'running',
  guard: isMine({ fence: sql.placeholder('fence'), attempt: sql.placeholder('attempt') }),
  set: {
    leaseUntil: sql`0`,
    endsAt: sql`${sql.placeholder('endsAt')}`,
    activeAt: sql`${sql.placeholder('now')}`,
    warnedAt: sql`null`,
    idleWarnedAt: sql`null`,
  },
}))
const forgetServices = prepared((db) =>
  db
    .delete(machineServices)
    .where(eq(machineServices.machineId, sql.placeholder('machineId')))
    .prepare(),
)
const insertService = preparedInsert(machineServices, 'machineId', 'name', 'address')

/**
 * @param run how long it may run until it is extended (undefined is without an end), on how many GPUs it does, and
 *   lines of the timeline that wait to be written
 * @returns false when the machine was asked to stop meanwhile, or the claim is lost
 */
export function markRunning(
  db: Db | Tx,
  claim: Claim,
  services: readonly ServiceAddress[],
  clock: Clock,
  {
    sessionMs,
    gpus = 0,
    before = [],
  }: { sessionMs?: number | undefined; gpus?: number; before?: readonly EventLine[] } = {},
): boolean {
  return joining(db, (tx) => {
    const now = clock()
    // They are true whether the claim still holds or not.
    for (const { text, at } of before) addMachineEvent(tx, claim.machineId, text, at)
    const { fence, attempt } = claim
    const endsAt = sessionMs === undefined ? null : now + sessionMs
    const moved = moveToRunning(tx, claim.machineId, { fence, attempt, endsAt, event: RUNNING, now })
    if (!moved) return false
    forgetServices(tx).run({ machineId: claim.machineId })
    for (const service of services) insertService(tx, { machineId: claim.machineId, ...service })
    const requestedAt = findAttempt(tx, claim)?.startedAt ?? moved.createdAt
    beginRun(tx, moved, { gpus, requestedAt, now })
    endAttempt(tx, claim, now)
    return true
  })
}

/** Back to the queue after a failure that may pass. */
export function markWaiting(
  db: Db,
  claim: Claim,
  failure: LaunchFailure,
  notBefore: number,
  clock: Clock,
): boolean {
  return immediately(db, (tx) => {
    const now = clock()
    const seconds = Math.ceil((notBefore - now) / 1000)
    return Boolean(
      moveMachine(tx, claim.machineId, {
        from: ['starting'],
        to: 'queued',
        guard: isMine(claim),
        set: { leaseUntil: 0, notBefore },
        event: triesAgain(failure.message, seconds),
        now,
      }),
    )
  })
}

export function markFailed(db: Db, claim: Claim, failure: LaunchFailure, clock: Clock): boolean {
  return fail(db, claim, ['starting'], isMine(claim), failure, clock)
}

/** For a machine that stopped by itself: no worker holds it, so the attempt is the guard. */
export function markGone(db: Db, ref: LaunchRef, failure: LaunchFailure, clock: Clock): boolean {
  return fail(db, ref, ['running'], eq(machines.attempt, ref.attempt), failure, clock)
}

/**
 * For services of a running machine that answer elsewhere than they did.
 * @returns false when it runs no longer
 */
export function markMoved(db: Db, ref: LaunchRef, moved: readonly ServiceAddress[], clock: Clock): boolean {
  return immediately(db, (tx) => {
    const machine = findMachine(tx, ref.machineId)
    if (machine?.status !== 'running' || machine.attempt !== ref.attempt) return false
    for (const { name, address } of moved)
      tx.update(machineServices)
        .set({ address })
        .where(and(eq(machineServices.machineId, ref.machineId), eq(machineServices.name, name)))
        .run()
    addMachineEvent(tx, ref.machineId, 'Found again at another address', clock())
    return true
  })
}

/** @param guard what has to hold besides the status */
export function fail(
  db: Db,
  ref: LaunchRef,
  from: ('starting' | 'running')[],
  guard: ReturnType<typeof isMine>,
  failure: LaunchFailure,
  clock: Clock,
): boolean {
  return immediately(db, (tx) => {
    const now = clock()
    const set = { leaseUntil: 0 }
    const moved = moveMachine(tx, ref.machineId, {
      from,
      to: 'failed',
      errorClass: failure.errorClass,
      guard,
      set,
      event: failure.message,
      now,
    })
    if (!moved) return false
    endAttempt(tx, ref, now, failure)
    return true
  })
}

export function markStopped(db: Db, claim: Claim, clock: Clock): boolean {
  return immediately(db, (tx) => {
    const now = clock()
    const set = { leaseUntil: 0 }
    const guard = isMine(claim)
    const event = 'Stopped'
    const moved = moveMachine(tx, claim.machineId, {
      from: ['stopping'],
      to: 'stopped',
      guard,
      set,
      event,
      now,
    })
    if (!moved) return false
    endAttempt(tx, claim, now)
    return true
  })
}
