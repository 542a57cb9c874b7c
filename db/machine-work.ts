import { and, eq, inArray, lte, notExists, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { PROVIDERS } from '../providers/registry'
import { mask } from '../providers/token-format'
import { addMachineEvent } from './machine-events'
import type { LaunchRef } from './machine-requests'
import { type Machine, moveMachine } from './machine-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import type { SavedToken } from './provider-tokens'
import { launchAttempts, machineServices, machines, machineTokens, type ServiceName } from './schema'

/**
 * What workers write. A worker claims a machine and gets a fence; every later write holds only while
 * that fence is the machine's, so a worker that was asleep while another took over changes nothing.
 */

/** A claim that holds on one machine. */
export interface Claim {
  machineId: string
  attempt: number
  fence: number
}

export interface LaunchFailure {
  errorClass: string
  /** One sentence for the user. */
  message: string
  /** For the administrator; holds no secret. */
  detail: string
}

export interface ServiceAddress {
  name: ServiceName
  /** `http://host:port` as the machine proxy reaches it. */
  address: string
}

const mine = ({ fence, attempt }: Claim) => and(eq(machines.fence, fence), eq(machines.attempt, attempt))
const other = alias(machines, 'other')

/** A workspace is one machine's at a time: a successor waits until the one before it has ended. */
const workspaceIsFree = (tx: Tx, ref: LaunchRef) =>
  notExists(
    tx
      .select({ one: sql`1` })
      .from(other)
      .where(
        and(
          sql`${other.id} <> ${ref.machineId}`,
          sql`${other.workspaceId} = ${machines.workspaceId}`,
          inArray(other.status, ['starting', 'running', 'stopping']),
        ),
      ),
  )

/**
 * Takes the launch of a machine, if it is due and nobody works on it.
 * @returns undefined when the job is stale, the machine was stopped, or it is somebody else's: nothing to do
 */
export function claimLaunch(
  db: Db,
  ref: LaunchRef,
  { leaseMs, clock }: { leaseMs: number; clock: Clock },
): { claim: Claim; machine: Machine } | undefined {
  return immediately(db, (tx) => {
    const now = clock()
    const machine = moveMachine(tx, ref.machineId, {
      from: ['queued', 'starting'],
      to: 'starting',
      guard: and(
        eq(machines.attempt, ref.attempt),
        lte(machines.leaseUntil, now),
        lte(machines.notBefore, now),
        workspaceIsFree(tx, ref),
      ),
      set: {
        fence: sql`${machines.fence} + 1`,
        tries: sql`${machines.tries} + 1`,
        leaseUntil: sql`${now + leaseMs}`,
      },
      event: 'Starting',
      now,
    })
    return machine && { claim: { ...ref, fence: machine.fence }, machine }
  })
}

/** Takes a machine that is to be stopped, if nobody works on it. */
export function claimStop(
  db: Db,
  machineId: string,
  { leaseMs, clock }: { leaseMs: number; clock: Clock },
): Claim | undefined {
  const now = clock()
  const row = db
    .update(machines)
    .set({ fence: sql`${machines.fence} + 1`, leaseUntil: now + leaseMs })
    .where(and(eq(machines.id, machineId), eq(machines.status, 'stopping'), lte(machines.leaseUntil, now)))
    .returning()
    .get()
  return row && { machineId, attempt: row.attempt, fence: row.fence }
}

/** @returns the status under which the claim still holds, or undefined when it is lost */
export function renewLease(
  db: Db,
  claim: Claim,
  { leaseMs, clock }: { leaseMs: number; clock: Clock },
): 'starting' | 'stopping' | undefined {
  const row = db
    .update(machines)
    .set({ leaseUntil: clock() + leaseMs })
    .where(
      and(eq(machines.id, claim.machineId), mine(claim), inArray(machines.status, ['starting', 'stopping'])),
    )
    .returning({ status: machines.status })
    .get()
  return row?.status as 'starting' | 'stopping' | undefined
}

/** Gives the machine back unfinished, for any worker to take at once. */
export function releaseLease(db: Db, claim: Claim): void {
  db.update(machines)
    .set({ leaseUntil: 0 })
    .where(and(eq(machines.id, claim.machineId), mine(claim)))
    .run()
}

/** Writes down which tokens the attempt takes: names, first characters and fingerprints. */
export function recordTokens(db: Db, claim: Claim, tokens: readonly SavedToken[], clock: Clock): boolean {
  return immediately(db, (tx) => {
    const held = tx
      .select({ id: machines.id })
      .from(machines)
      .where(and(eq(machines.id, claim.machineId), mine(claim)))
      .get()
    if (!held) return false
    const takenAt = clock()
    tx.delete(machineTokens).where(eq(machineTokens.machineId, claim.machineId)).run()
    for (const { provider, visible, fingerprint } of tokens)
      tx.insert(machineTokens)
        .values({ machineId: claim.machineId, provider, visible, fingerprint, takenAt })
        .run()
    const names = tokens.map(({ provider, visible }) => `${PROVIDERS[provider].label} ${mask(visible)}`)
    const text = names.length
      ? `Took the saved tokens: ${names.join(', ')}`
      : 'No tokens are saved; none were taken'
    addMachineEvent(tx, claim.machineId, text, takenAt)
    return true
  })
}

/** @returns false when the machine was asked to stop meanwhile, or the claim is lost */
export function markRunning(
  db: Db,
  claim: Claim,
  services: readonly ServiceAddress[],
  clock: Clock,
): boolean {
  return immediately(db, (tx) => {
    const now = clock()
    const moved = moveMachine(tx, claim.machineId, {
      from: ['starting'],
      to: 'running',
      guard: mine(claim),
      set: { leaseUntil: 0 },
      event: 'Running',
      now,
    })
    if (!moved) return false
    tx.delete(machineServices).where(eq(machineServices.machineId, claim.machineId)).run()
    for (const service of services)
      tx.insert(machineServices)
        .values({ machineId: claim.machineId, ...service })
        .run()
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
        guard: mine(claim),
        set: { leaseUntil: 0, notBefore },
        event: `${failure.message} Trying again in ${seconds} s`,
        now,
      }),
    )
  })
}

export function markFailed(db: Db, claim: Claim, failure: LaunchFailure, clock: Clock): boolean {
  return fail(db, claim, ['starting'], mine(claim), failure, clock)
}

/** For a machine that stopped by itself: no worker holds it, so the attempt is the guard. */
export function markGone(db: Db, ref: LaunchRef, failure: LaunchFailure, clock: Clock): boolean {
  return fail(db, ref, ['running'], eq(machines.attempt, ref.attempt), failure, clock)
}

function fail(
  db: Db,
  ref: LaunchRef,
  from: ('starting' | 'running')[],
  guard: ReturnType<typeof mine>,
  failure: LaunchFailure,
  clock: Clock,
): boolean {
  return immediately(db, (tx) => {
    const now = clock()
    const set = { leaseUntil: 0 }
    const moved = moveMachine(tx, ref.machineId, {
      from,
      to: 'failed',
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
    const guard = mine(claim)
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

function endAttempt(
  tx: Tx,
  { machineId, attempt }: LaunchRef,
  endedAt: number,
  failure?: LaunchFailure,
): void {
  tx.update(launchAttempts)
    .set({
      endedAt,
      errorClass: failure?.errorClass,
      errorMessage: failure?.message,
      errorDetail: failure?.detail,
    })
    .where(and(eq(launchAttempts.machineId, machineId), eq(launchAttempts.attempt, attempt)))
    .run()
}
