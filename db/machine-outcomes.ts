import { and, eq } from 'drizzle-orm'
import { RUNNING, triesAgain } from '../launch-events'
import { endAttempt, findAttempt, type LaunchFailure } from './launch-attempts'
import { type Claim, isMine } from './machine-claims'
import { addMachineEvent, type EventLine } from './machine-events'
import type { LaunchRef } from './machine-requests'
import { beginRun } from './machine-runs'
import { moveMachine } from './machine-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import { machineServices, machines, type ServiceName } from './schema'

/** What a worker writes of the machine that it works on. */

export interface ServiceAddress {
  name: ServiceName
  /** `http://host:port` as the machine proxy reaches it. */
  address: string
}

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
  return immediately(db, (tx) => {
    const now = clock()
    // They are true whether the claim still holds or not.
    for (const { text, at } of before) addMachineEvent(tx, claim.machineId, text, at)
    const moved = moveMachine(tx, claim.machineId, {
      from: ['starting'],
      to: 'running',
      guard: isMine(claim),
      set: {
        leaseUntil: 0,
        endsAt: sessionMs === undefined ? null : now + sessionMs,
        activeAt: now,
        warnedAt: null,
        idleWarnedAt: null,
      },
      event: RUNNING,
      now,
    })
    if (!moved) return false
    tx.delete(machineServices).where(eq(machineServices.machineId, claim.machineId)).run()
    for (const service of services)
      tx.insert(machineServices)
        .values({ machineId: claim.machineId, ...service })
        .run()
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
    const machine = tx.select().from(machines).where(eq(machines.id, ref.machineId)).get()
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
