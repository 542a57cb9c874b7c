import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { MachineSettings } from '../machine-settings'
import { sizesFor } from '../machine-sizes'
import { REQUEST_ERRORS, type RequestErrorClass } from '../request-errors'
import { WORKER } from './audit'
import { findAttempt } from './launch-attempts'
import { filesInTheWay, machinesInTheWay, NO_MACHINES } from './machine-limits'
import { relaunchMachine } from './machine-relaunch'
import { type LaunchRef, launchMachine } from './machine-requests'
import type { Machine } from './machine-states'
import type { Clock, Db, Tx } from './open'
import { machines, users } from './schema'
import { limitsOf } from './user-limits'
import type { UserRole } from './users'

/** Machines that are launched because a request needs one. */

export interface LaunchRules extends MachineSettings {
  clock: Clock
}

/** Why no machine is launched for a request; the message is for its caller. */
export class NoLaunch extends Error {
  override name = 'NoLaunch'
  constructor(
    readonly errorClass: RequestErrorClass,
    message: string = REQUEST_ERRORS[errorClass].message,
  ) {
    super(message)
  }
}

interface Wish {
  /** Of the request, which is what logs name its launch by. */
  id: string
  userId: string
  /** When the request was made. */
  createdAt: number
  /** That its model asks for; null for any. */
  size: string | null
}

/** @throws NoLaunch when the account was shut */
export function roleOf(tx: Tx, userId: string): UserRole {
  const { role, disabledAt } = users
  const user = tx.select({ role, disabledAt }).from(users).where(eq(users.id, userId)).get()
  if (!user || user.disabledAt !== null) throw new NoLaunch('account_shut')
  return user.role
}

/** @returns the size to launch, as its caller may do today @throws NoLaunch */
export function sizeForRequests({ size }: Wish, role: UserRole, { machineSizes }: LaunchRules): string {
  const offered = sizesFor(machineSizes, { role, kind: 'comfyui' })
  const found = size === null ? offered[0] : offered.find(({ name }) => name === size)
  if (!found) throw new NoLaunch('size_unavailable')
  return found.name
}

/**
 * Launches a machine of that size, in the workspace of the last one that was launched for requests, so that
 * what was downloaded there stays.
 * @throws NoLaunch when the caller may have no more, or the last one failed while the request waited
 */
export function launchForRequests(
  db: Db,
  tx: Tx,
  { id, userId, createdAt }: Wish,
  size: string,
  { machineLimits: limits, clock }: LaunchRules,
): { stop?: LaunchRef; launch: LaunchRef } {
  const files = filesInTheWay(tx, userId, limits)
  if (files) throw new NoLaunch('disk_limit', files)
  if (limitsOf(tx, userId, limits).perUser === 0) throw new NoLaunch('limit_reached', NO_MACHINES)
  const live = machinesInTheWay(tx, userId, limits)
  if (live) throw new NoLaunch('limit_reached', `You have ${live.said}`)
  const last = lastOfSize(tx, userId, size)
  // Inside the given transaction these are savepoints: what they throw leaves nothing behind.
  if (!last) {
    const given = {
      userId,
      kind: 'comfyui',
      name: 'Model API',
      size,
      forRequests: true,
      requestId: id,
    } as const
    return { launch: launchMachine(db, given, WORKER, clock, limits) }
  }
  const failure = last.status === 'failed' && last.updatedAt >= createdAt && findAttempt(tx, ref(last))
  // One that was gone later says nothing against launching it once more.
  if (failure && failure.errorClass !== 'service_gone')
    throw new NoLaunch('machine_failed', failure.errorMessage ?? undefined)
  const rules = { limits, chooseSize: () => size, requestId: id }
  const relaunched = relaunchMachine(db, userId, last.id, WORKER, clock, rules)
  // Its workspace is the successor's, and its owner is to see one of them. One that failed still tells why.
  if (last.status !== 'failed')
    tx.update(machines).set({ deletedAt: clock() }).where(eq(machines.id, last.id)).run()
  return relaunched
}

const ref = ({ id, attempt }: Machine): LaunchRef => ({ machineId: id, attempt })

/** The newest machine for requests that has ended or is about to, in a workspace that no other one took over. */
const lastOfSize = (tx: Tx, userId: string, size: string): Machine | undefined =>
  tx
    .select()
    .from(machines)
    .where(
      and(
        eq(machines.userId, userId),
        eq(machines.forRequests, true),
        eq(machines.size, size),
        inArray(machines.status, ['stopping', 'stopped', 'failed']),
        isNull(machines.deletedAt),
        isNull(machines.replacedBy),
      ),
    )
    .orderBy(desc(machines.createdAt), sql`rowid desc`)
    .get()
