import { and, asc, eq, inArray, isNull, lte, sql } from 'drizzle-orm'
import type { RequestErrorClass } from '../request-errors'
import { noteActive } from './machine-activity'
import type { LaunchRef } from './machine-requests'
import type { Machine } from './machine-states'
import { type ClaimedRequest, claiming, type LeaseRules } from './model-request-claims'
import {
  type LaunchRules,
  launchForRequests,
  NoLaunch,
  roleOf,
  sizeForRequests,
} from './model-request-launches'
import { failed } from './model-request-outcomes'
import { moveRequest, nextRevision, openOf } from './model-request-states'
import { type Db, immediately, type Tx } from './open'
import { type MachineStatus, machineServices, machines, modelRequests, modelVersions } from './schema'

/** Which machine of its caller's a request runs on: one request at a time on each, the oldest first. */

export interface PlaceRules extends LeaseRules, LaunchRules {
  /** How many requests may be taken on. */
  max: number
}

export interface Placement {
  claimed: ClaimedRequest[]
  /** Machines to start or to stop first. */
  launched: { stop?: LaunchRef; launch: LaunchRef }[]
  /** Why requests failed for which there is no machine. */
  failed: RequestErrorClass[]
}

/**
 * Takes on the requests of one user that can begin now, and launches what the others need. All in one
 * transaction: of two workers that look at the same time, the second sees what the first one did.
 */
export function placeRequests(db: Db, userId: string, rules: PlaceRules): Placement {
  const placement: Placement = { claimed: [], launched: [], failed: [] }
  immediately(db, (tx) => {
    // Whenever one left the queue, the next one of its size is the first of it.
    while (placement.claimed.length < rules.max && takeOne(db, tx, userId, rules, placement));
  })
  return placement
}

function takeOne(db: Db, tx: Tx, userId: string, rules: PlaceRules, placement: Placement): boolean {
  const fleet = fleetOf(tx, userId)
  return firstOfEachSize(tx, userId, rules.clock()).some((waiting) => {
    try {
      return place(db, tx, { ...waiting, userId }, fleet, rules, placement)
    } catch (error) {
      if (!(error instanceof NoLaunch)) throw error
      const { errorClass, message } = error
      const hasFailed = fail(tx, waiting.id, errorClass, message, rules)
      if (hasFailed) placement.failed.push(errorClass)
      return hasFailed
    }
  })
}

interface Waiting {
  id: string
  userId: string
  createdAt: number
  /** That its model asks for; null for any. */
  size: string | null
}

/** @returns whether the request left the queue */
function place(
  db: Db,
  tx: Tx,
  waiting: Waiting,
  fleet: FleetMachine[],
  rules: PlaceRules,
  { claimed, launched }: Placement,
): boolean {
  const role = roleOf(tx, waiting.userId)
  const fitting = fleet.filter(({ size }) => waiting.size === null || size === waiting.size)
  const usable = fitting.filter(({ status, hasComfyUi }) => status === 'running' && hasComfyUi)
  const free = usable.find(({ isBusy }) => !isBusy)
  if (free) {
    const one = claim(tx, waiting.id, free, rules)
    if (one) claimed.push(one)
    return Boolean(one)
  }
  if (usable.length) return false
  const coming = fitting.find(({ status }) => status !== 'running')
  if (coming) {
    waitFor(tx, waiting.id, coming)
    return false
  }
  const size = sizeForRequests(waiting, role, rules)
  if (fitting.some(({ forRequests }) => forRequests))
    throw new NoLaunch('machine_failed', 'The machine that was launched for this runs without ComfyUI.')
  const { stop, launch } = launchForRequests(db, tx, waiting, size, rules)
  launched.push(stop ? { stop, launch } : { launch })
  waitFor(tx, waiting.id, { id: launch.machineId, attempt: launch.attempt })
  fleet.push({ ...launch, id: launch.machineId, size, status: 'queued', ...NEW })
  return false
}

const NEW = { forRequests: true, hasComfyUi: false, isBusy: false }

/** A machine that runs or is on its way. */
type FleetMachine = Pick<Machine, 'id' | 'attempt' | 'size' | 'status' | 'forRequests'> & {
  hasComfyUi: boolean
  /** Whether another request is in progress on it. */
  isBusy: boolean
}

const ON_THE_WAY: MachineStatus[] = ['queued', 'starting', 'running']

/** The user's machines, those first that were launched for requests. */
function fleetOf(tx: Tx, userId: string): FleetMachine[] {
  const { id, attempt, size, status, forRequests } = machines
  const busy = tx
    .select({ id: modelRequests.machineId })
    .from(modelRequests)
    .where(and(eq(modelRequests.machineId, machines.id), eq(modelRequests.status, 'in_progress')))
  const comfyui = tx
    .select({ id: machineServices.machineId })
    .from(machineServices)
    .where(and(eq(machineServices.machineId, machines.id), eq(machineServices.name, 'comfyui')))
  return tx
    .select({
      id,
      attempt,
      size,
      status,
      forRequests,
      hasComfyUi: sql<number>`exists ${comfyui}`.mapWith(Boolean),
      isBusy: sql<number>`exists ${busy}`.mapWith(Boolean),
    })
    .from(machines)
    .where(
      and(
        eq(machines.userId, userId),
        eq(machines.kind, 'comfyui'),
        isNull(machines.deletedAt),
        inArray(machines.status, ON_THE_WAY),
      ),
    )
    .orderBy(sql`${machines.forRequests} desc`, asc(machines.createdAt))
    .all()
}

/** Of each size that models ask for, the request that waits longest; the longest waiting of them first. */
function firstOfEachSize(tx: Tx, userId: string, now: number): Omit<Waiting, 'userId'>[] {
  const size = sql<string | null>`${modelVersions.definition} ->> '$.size'`
  // Beside a lone min() SQLite takes the other columns from the row that has it.
  const createdAt = sql<number>`min(${modelRequests.createdAt})`
  return tx
    .select({ id: modelRequests.id, createdAt, size })
    .from(modelRequests)
    .innerJoin(
      modelVersions,
      and(eq(modelVersions.modelId, modelRequests.modelId), eq(modelVersions.version, modelRequests.version)),
    )
    .where(and(openOf(userId), eq(modelRequests.status, 'in_queue'), lte(modelRequests.notBefore, now)))
    .groupBy(size)
    .orderBy(createdAt)
    .all()
}

function claim(
  tx: Tx,
  id: string,
  machine: Pick<Machine, 'id' | 'attempt'>,
  rules: LeaseRules,
): ClaimedRequest | undefined {
  const request = moveRequest(tx, id, {
    from: ['in_queue'],
    to: 'in_progress',
    guard: undefined,
    set: {
      ...claiming(rules),
      machineId: machine.id,
      machineAttempt: machine.attempt,
      stage: 'checking',
      startedAt: rules.clock(),
    },
  })
  if (request) noteActive(tx, machine.id, rules.clock())
  return request && { claim: { id, fence: request.fence }, request }
}

/** So that its caller can see what it waits for. */
function waitFor(tx: Tx, id: string, { id: machineId, attempt }: Pick<Machine, 'id' | 'attempt'>): void {
  tx.update(modelRequests)
    .set({ machineId, machineAttempt: attempt, revision: nextRevision(tx) })
    .where(and(eq(modelRequests.id, id), sql`${modelRequests.machineId} is not ${machineId}`))
    .run()
}

const fail = (
  tx: Tx,
  id: string,
  errorClass: RequestErrorClass,
  message: string,
  { clock }: LeaseRules,
): boolean =>
  Boolean(
    moveRequest(tx, id, {
      from: ['in_queue'],
      to: 'failed',
      guard: undefined,
      set: failed({ errorClass, message, detail: message }, clock),
    }),
  )
