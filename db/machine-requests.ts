import { and, desc, eq, inArray, ne } from 'drizzle-orm'
import { QUEUED } from '../launch-events'
import type { MachineLimits } from '../machine-settings'
import type { MachineKind } from '../providers/registry'
import { type Actor, record } from './audit'
import { usableCloudSave } from './cloud-saves'
import { measureSoon } from './disk-usage'
import { newId } from './ids'
import { beginAttempt, endAttempt } from './launch-attempts'
import { addMachineEvent } from './machine-events'
import { assertDiskLeft, assertMayHaveAny, assertMayHaveOneMore, isCounted } from './machine-limits'
import { type Machine, moveMachine } from './machine-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import { ownedMachine } from './owned-machine'
import { type MachineStatus, machines } from './schema'
import { findSubject } from './users'

/** What people ask of machines. Each returns once it is durable; a worker does the rest. */

/** Which job has to look at the machine; the queue turns it into one. */
export interface LaunchRef {
  machineId: string
  attempt: number
}

interface LaunchRequest {
  userId: string
  kind: MachineKind
  name: string
  /** The cloud save that its workspace begins with. */
  saveId?: string | undefined
  /** Asking twice with the same one, by a double click or after a lost answer, makes one machine. */
  idempotencyKey?: string | undefined
  /** One of those that the user may use. */
  size?: string | undefined
  /** Launched by a worker for the user's requests to models. */
  forRequests?: boolean
  /** How long its session is to be, where that is less than everybody's. */
  sessionMs?: number | undefined
  /** What asks for it, as logs name that. */
  requestId?: string | undefined
}

/** @throws AppError `limit_reached`, `forbidden` when the user may have no machines; `not_found` or `conflict` when there is no save to start from */
export function launchMachine(
  db: Db,
  { userId, kind, name, saveId, idempotencyKey, size, forRequests, sessionMs, requestId }: LaunchRequest,
  by: Actor,
  clock: Clock,
  limits: MachineLimits = {},
): LaunchRef {
  return immediately(db, (tx) => {
    const before = idempotencyKey && launchedWith(tx, userId, idempotencyKey)
    if (before) return before
    assertMayHaveOneMore(tx, userId, limits, clock)
    assertDiskLeft(tx, userId, limits)
    const save = saveId === undefined ? undefined : usableCloudSave(tx, userId, saveId)
    const now = clock()
    const said = { userId, kind, name, saveId, idempotencyKey, size, forRequests, sessionMs, requestId }
    const given = { ...said, workspaceId: newId(), queuedAt: now }
    const ref = queueMachine(tx, given, now)
    const detail = save && `From the cloud save ${called(save)}`
    const subject = findSubject(tx, userId)
    const target = called({ id: ref.machineId, name })
    record(tx, { action: 'machine_launched', by, subject, target, detail }, clock)
    return ref
  })
}

/** How the audit log names a machine. */
export const called = ({ id, name }: Pick<Machine, 'id' | 'name'>) => `${name} (${id})`

const launchedWith = (tx: Tx, userId: string, key: string): LaunchRef | undefined =>
  tx
    .select({ machineId: machines.id, attempt: machines.attempt })
    .from(machines)
    .where(and(eq(machines.userId, userId), eq(machines.idempotencyKey, key)))
    .get()

function queueMachine(
  tx: Tx,
  { requestId, ...given }: LaunchRequest & Pick<Machine, 'workspaceId' | 'queuedAt'>,
  now: number,
): LaunchRef {
  const id = newId()
  const ref = { machineId: id, attempt: 1 }
  tx.insert(machines)
    .values({
      ...given,
      id,
      status: 'queued',
      attempt: 1,
      tries: 0,
      fence: 0,
      leaseUntil: 0,
      notBefore: 0,
      createdAt: now,
      updatedAt: now,
    })
    .run()
  beginAttempt(tx, ref, now, requestId)
  addMachineEvent(tx, id, QUEUED, now)
  return ref
}

/**
 * Stops a machine, also one that is only on its way; one that has ended stays as it is.
 * @throws AppError `not_found`
 */
export function stopMachine(db: Db, userId: string, id: string, by: Actor, clock: Clock): LaunchRef {
  return immediately(db, (tx) => {
    const machine = ownedMachine(tx, userId, id)
    if (requestStop(tx, machine, clock()))
      record(tx, { action: 'machine_stopped', by, target: called(machine) }, clock)
    return { machineId: id, attempt: machine.attempt }
  })
}

/**
 * @param why is said on the timeline
 * @returns whether there was anything to stop
 */
export function requestStop(tx: Tx, { id }: Pick<Machine, 'id'>, now: number, why?: string): boolean {
  const guard = undefined
  const neverStarted = moveMachine(tx, id, { from: ['queued'], to: 'stopped', guard, event: 'Stopped', now })
  if (neverStarted) {
    endAttempt(tx, { machineId: id, attempt: neverStarted.attempt }, now)
    return true
  }
  const from: MachineStatus[] = ['starting', 'running']
  const event = why ? `Stopping: ${why}` : 'Stopping'
  return Boolean(moveMachine(tx, id, { from, to: 'stopping', guard, event, now }))
}

/**
 * Hides a machine from its owner for good. A worker ends what runs of it and then removes its files.
 * @throws AppError `not_found`
 */
export function deleteMachine(db: Db, userId: string, id: string, by: Actor, clock: Clock): LaunchRef {
  return immediately(db, (tx) => {
    const machine = ownedMachine(tx, userId, id)
    const now = clock()
    requestStop(tx, machine, now, 'its owner deletes it')
    tx.update(machines).set({ deletedAt: now }).where(eq(machines.id, id)).run()
    addMachineEvent(tx, id, 'Deleted', now)
    measureSoon(tx, userId)
    record(tx, { action: 'machine_deleted', by, target: called(machine) }, clock)
    return { machineId: id, attempt: machine.attempt }
  })
}

/** For the end of the whole installation: asks everything that runs to stop, whoever it belongs to. */
export function stopEveryMachine(db: Db, clock: Clock): LaunchRef[] {
  return immediately(db, (tx) => {
    const running = tx
      .select()
      .from(machines)
      .where(inArray(machines.status, ['starting', 'running', 'stopping']))
      .all()
    for (const machine of running) requestStop(tx, machine, clock())
    return running.map(({ id, attempt }) => ({ machineId: id, attempt }))
  })
}

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
