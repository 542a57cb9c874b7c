import { and, eq, inArray } from 'drizzle-orm'
import { QUEUED } from '../launch-events'
import type { MachineLimits } from '../machine-settings'
import type { MachineKind } from '../providers/registry'
import { type Actor, record } from './audit'
import { usableCloudSave } from './cloud-saves'
import { measureSoon } from './disk-usage'
import { newId } from './ids'
import { beginAttempt, endAttempt } from './launch-attempts'
import { addMachineEvent } from './machine-events'
import { assertDiskLeft, assertMayHaveOneMore } from './machine-limits'
import { type Machine, moveMachine } from './machine-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import { ownedMachine } from './owned-machine'
import { preparedInsert } from './prepared'
import { type MachineStatus, machines, STANDARD_SIZE } from './schema'
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

const insertMachine = preparedInsert(
  machines,
  'id',
  'userId',
  'workspaceId',
  'kind',
  'name',
  'size',
  'status',
  'attempt',
  'tries',
  'fence',
  'leaseUntil',
  'notBefore',
  'queuedAt',
  'createdAt',
  'updatedAt',
  'saveId',
  'idempotencyKey',
  'forRequests',
  'sessionMs',
)

export function queueMachine(
  tx: Tx,
  { requestId, ...given }: LaunchRequest & Pick<Machine, 'workspaceId' | 'queuedAt'>,
  now: number,
): LaunchRef {
  const id = newId()
  const ref = { machineId: id, attempt: 1 }
  insertMachine(tx, {
    ...given,
    id,
    size: given.size ?? STANDARD_SIZE,
    saveId: given.saveId ?? null,
    idempotencyKey: given.idempotencyKey ?? null,
    forRequests: given.forRequests ?? false,
    sessionMs: given.sessionMs ?? null,
    status: 'queued',
    attempt: 1,
    tries: 0,
    fence: 0,
    leaseUntil: 0,
    notBefore: 0,
    createdAt: now,
    updatedAt: now,
  })
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
