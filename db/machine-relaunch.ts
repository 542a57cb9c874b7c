import { and, desc, eq, inArray, ne } from 'drizzle-orm'
import type { MachineLimits } from '../machine-settings'
import { type Actor, record } from './audit'
import { addMachineEvent } from './machine-events'
import { assertMayHaveAny, assertMayHaveOneMore, isCounted } from './machine-limits'
import { called, type LaunchRef, queueMachine, requestStop } from './machine-requests'
import type { Machine } from './machine-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import { ownedMachine } from './owned-machine'
import { machines } from './schema'
import { findSubject } from './users'

interface RelaunchRules {
  /** Everybody's; the user's own replace them. */
  limits?: MachineLimits
  chooseSize?(machine: Machine): string
  /** What asks for it, as logs name that. */
  requestId?: string | undefined
}

/**
 * Stops a machine and queues its successor, which takes over the workspace once it is free and takes
 * the tokens as they are then. Asking again while a successor is there answers that one. In the place of a
 * machine that counts it counts as none more, and doesn't wait behind those that were queued later.
 * @param chooseSize the size of the successor; without it the same
 * @returns `launch`, the one to watch, and `stop`, the old one while it has not ended
 * @throws AppError `not_found`, `limit_reached`, or `forbidden` when the user may have no machines
 */
export function relaunchMachine(
  db: Db,
  userId: string,
  id: string,
  by: Actor,
  clock: Clock,
  { limits = {}, chooseSize = ({ size }) => size, requestId }: RelaunchRules = {},
): { stop?: LaunchRef; launch: LaunchRef } {
  return immediately(db, (tx) => {
    const machine = ownedMachine(tx, userId, id)
    const successor = liveSuccessor(tx, machine)
    if (successor) return { launch: { machineId: successor.id, attempt: successor.attempt } }
    const now = clock()
    const size = chooseSize(machine)
    if (isCounted(machine)) assertMayHaveAny(tx, userId, limits)
    else assertMayHaveOneMore(tx, userId, limits, clock)
    const queuedAt = isCounted(machine) ? machine.queuedAt : now
    requestStop(tx, machine, now)
    const { userId: owner, kind, name, workspaceId, forRequests } = machine
    // Should the first one not have got as far as restoring it, the successor does.
    const saveId = machine.saveId ?? undefined
    const sessionMs = machine.sessionMs ?? undefined
    const said = { userId: owner, kind, name, size, saveId, forRequests, sessionMs, requestId }
    const given = { ...said, workspaceId, queuedAt }
    const launch = queueMachine(tx, given, now)
    tx.update(machines).set({ replacedBy: launch.machineId }).where(eq(machines.id, id)).run()
    addMachineEvent(tx, id, 'Relaunched: a new machine takes over the workspace', now)
    const detail = `As ${launch.machineId}`
    const subject = findSubject(tx, userId)
    record(tx, { action: 'machine_relaunched', by, subject, target: called(machine), detail }, clock)
    const stop = { machineId: id, attempt: machine.attempt }
    return ownedMachine(tx, userId, id).status === 'stopping' ? { stop, launch } : { launch }
  })
}

const liveSuccessor = (tx: Tx, { id, workspaceId }: Machine): Machine | undefined =>
  tx
    .select()
    .from(machines)
    .where(
      and(
        eq(machines.workspaceId, workspaceId),
        ne(machines.id, id),
        // One that is stopping gives the workspace up; it may also be the one that was there before.
        inArray(machines.status, ['queued', 'starting', 'running']),
      ),
    )
    .orderBy(desc(machines.createdAt))
    .get()
