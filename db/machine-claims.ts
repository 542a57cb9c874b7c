import { and, eq, inArray, lte, type Placeholder, sql } from 'drizzle-orm'
import { STARTING } from '../launch-events'
import { hasRoom, workspaceIsFree } from './machine-queue'
import type { LaunchRef } from './machine-requests'
import { findMachine, type Machine, preparedMove } from './machine-states'
import { type Clock, type Db, joining, type Tx } from './open'
import { machines } from './schema'

/**
 * Who works on a machine. A worker claims it and gets a fence; every later write holds only while that
 * fence is the machine's, so a worker that was asleep while another took over changes nothing.
 */

/** A claim that holds on one machine. */
export interface Claim {
  machineId: string
  attempt: number
  fence: number
}

/** The guard of every write under a claim. */
export const isMine = ({ fence, attempt }: Record<'fence' | 'attempt', number | Placeholder>) =>
  and(eq(machines.fence, fence), eq(machines.attempt, attempt))

/** The same of a row that was read in the transaction that writes. */
export const isHeldBy = (machine: Pick<Machine, 'fence' | 'attempt'>, { fence, attempt }: Claim): boolean =>
  machine.fence === fence && machine.attempt === attempt

const claim = (room: typeof hasRoom | undefined) =>
  preparedMove((db) => {
    const now = sql.placeholder('now')
    return {
      from: ['queued', 'starting'],
      to: 'starting',
      guard: and(
        eq(machines.attempt, sql.placeholder('attempt')),
        lte(machines.leaseUntil, now),
        lte(machines.notBefore, now),
        workspaceIsFree(db),
        room?.(db, sql.placeholder('inAll'), now),
      ),
      set: {
        fence: sql`${machines.fence} + 1`,
        tries: sql`${machines.tries} + 1`,
        leaseUntil: sql`${sql.placeholder('leaseUntil')}`,
      },
    }
  })
const claimAnyway = claim(undefined)
const claimWhereRoom = claim(hasRoom)

/**
 * Takes the launch of a machine, if it is due, there is room for it, and nobody works on it.
 * @param inAll how many machines may run; undefined is without a limit
 * @returns undefined when the job is stale, the machine was stopped, has to wait for others, or is somebody
 *   else's: nothing to do
 */
export function claimLaunch(
  db: Db | Tx,
  ref: LaunchRef,
  { leaseMs, inAll, clock }: { leaseMs: number; inAll?: number | undefined; clock: Clock },
): { claim: Claim; machine: Machine } | undefined {
  return joining(db, (tx) => {
    const now = clock()
    const given = { attempt: ref.attempt, leaseUntil: now + leaseMs, event: STARTING, now }
    const machine =
      inAll === undefined
        ? claimAnyway(tx, ref.machineId, given)
        : claimWhereRoom(tx, ref.machineId, { ...given, inAll })
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
      and(
        eq(machines.id, claim.machineId),
        isMine(claim),
        inArray(machines.status, ['starting', 'stopping']),
      ),
    )
    .returning({ status: machines.status })
    .get()
  return row?.status as 'starting' | 'stopping' | undefined
}

/** Whether the launch goes on under the claim, and no other worker can take it before `until`. Writes nothing. */
export function isStartingUntil(db: Db, claim: Claim, until: number): boolean {
  const machine = findMachine(db, claim.machineId)
  return machine?.status === 'starting' && isHeldBy(machine, claim) && machine.leaseUntil >= until
}

/** Whether nobody has taken the machine over since. */
export function holds(db: Db, claim: Claim): boolean {
  const machine = findMachine(db, claim.machineId)
  return machine !== undefined && isHeldBy(machine, claim)
}

/** Gives the machine back unfinished, for any worker to take at once; it doesn't count as a try. */
export function releaseLease(db: Db, claim: Claim): void {
  db.update(machines)
    .set({ leaseUntil: 0, tries: sql`${machines.tries} - 1` })
    .where(and(eq(machines.id, claim.machineId), isMine(claim)))
    .run()
}
