import { and, asc, desc, eq, inArray, lte } from 'drizzle-orm'
import { PROVIDERS, type ProviderId } from '../providers/registry'
import { listMachineEvents, type MachineEvent } from './machine-events'
import type { LaunchRef } from './machine-requests'
import { LIVE_STATUSES, type Machine } from './machine-states'
import type { ServiceAddress } from './machine-work'
import type { Db } from './open'
import { listProviderTokens } from './provider-tokens'
import {
  launchAttempts,
  machineServices,
  machines,
  machineTokens,
  providerTokens,
  type ServiceName,
  users,
} from './schema'

/** What is read of machines. Everything that a user asks for is filtered by the user's id in the query. */

export interface HeldToken {
  provider: ProviderId
  visible: string
  takenAt: number
  /** Whether the saved token was replaced or cleared since. */
  outdated: boolean
}

export interface MachineError {
  class: string
  message: string
}

export interface MachineDetails extends Pick<Machine, 'id' | 'kind' | 'name' | 'status' | 'attempt'> {
  createdAt: number
  updatedAt: number
  services: ServiceAddress[]
  tokens: HeldToken[]
  /** Saved since the launch of a machine that runs, and so not in it. */
  missingTokens: ProviderId[]
  error: MachineError | null
  events: MachineEvent[]
}

export function getMachine(db: Db, userId: string, id: string): MachineDetails | undefined {
  const machine = db
    .select()
    .from(machines)
    .where(and(eq(machines.id, id), eq(machines.userId, userId)))
    .get()
  const [found] = machine ? details(db, [machine]) : []
  return found && { ...found, events: listMachineEvents(db, id) }
}

/** The user's machines, newest first. */
export function listMachines(db: Db, userId: string, limit = 50): Omit<MachineDetails, 'events'>[] {
  const rows = db
    .select()
    .from(machines)
    .where(eq(machines.userId, userId))
    .orderBy(desc(machines.createdAt), desc(machines.id))
    .limit(limit)
    .all()
  return details(db, rows)
}

/** Adds to machines of one user what hangs on them, in a fixed number of queries. */
function details(db: Db, rows: Machine[]): Omit<MachineDetails, 'events'>[] {
  const ids = rows.map(({ id }) => id)
  const services = db.select().from(machineServices).where(inArray(machineServices.machineId, ids)).all()
  const tokens = db
    .select({ held: machineTokens, saved: providerTokens.fingerprint })
    .from(machineTokens)
    .innerJoin(machines, eq(machines.id, machineTokens.machineId))
    .leftJoin(
      providerTokens,
      and(eq(providerTokens.userId, machines.userId), eq(providerTokens.provider, machineTokens.provider)),
    )
    .where(inArray(machineTokens.machineId, ids))
    .all()
  const [owner] = rows
  const saved = owner ? listProviderTokens(db, owner.userId) : []
  const failures = db.select().from(launchAttempts).where(inArray(launchAttempts.machineId, ids)).all()
  return rows.map(({ id, kind, name, status, attempt, createdAt, updatedAt }) => {
    const failure = failures.find((row) => row.machineId === id && row.attempt === attempt)
    const held = tokens.filter((row) => row.held.machineId === id)
    return {
      id,
      kind,
      name,
      status,
      attempt,
      createdAt,
      updatedAt,
      services:
        status === 'running'
          ? services.filter((row) => row.machineId === id).map(({ name, address }) => ({ name, address }))
          : [],
      tokens: held.map(({ held: { provider, visible, takenAt, fingerprint }, saved }) => ({
        provider,
        visible,
        takenAt,
        outdated: saved !== fingerprint,
      })),
      missingTokens:
        status === 'running'
          ? saved
              .map(({ provider }) => provider)
              .filter((provider) => PROVIDERS[provider].variables[kind].length)
              .filter((provider) => !held.some((row) => row.held.provider === provider))
          : [],
      error:
        status === 'failed' && failure?.errorClass
          ? { class: failure.errorClass, message: failure.errorMessage ?? '' }
          : null,
    }
  })
}

export interface FailedLaunch {
  machineId: string
  machineName: string
  userName: string
  attempt: number
  failedAt: number
  errorClass: string
  message: string
  detail: string
}

/** Every machine whose last attempt failed, the latest first, for the administrator. */
export function listFailedLaunches(db: Db, limit = 100): FailedLaunch[] {
  return db
    .select({
      machineId: machines.id,
      machineName: machines.name,
      userName: users.name,
      attempt: machines.attempt,
      failedAt: launchAttempts.endedAt,
      errorClass: launchAttempts.errorClass,
      message: launchAttempts.errorMessage,
      detail: launchAttempts.errorDetail,
    })
    .from(machines)
    .innerJoin(
      launchAttempts,
      and(eq(launchAttempts.machineId, machines.id), eq(launchAttempts.attempt, machines.attempt)),
    )
    .innerJoin(users, eq(users.id, machines.userId))
    .where(eq(machines.status, 'failed'))
    .orderBy(desc(launchAttempts.endedAt))
    .limit(limit)
    .all()
    .map((row) => ({
      ...row,
      failedAt: row.failedAt ?? 0,
      errorClass: row.errorClass ?? '',
      message: row.message ?? '',
      detail: row.detail ?? '',
    }))
}

/** Machines that wait for a worker: due, and nobody holds them. The longest waiting first. */
export function listDue(db: Db, now: number, limit: number): (LaunchRef & { job: 'launch' | 'stop' })[] {
  return db
    .select({ machineId: machines.id, attempt: machines.attempt, status: machines.status })
    .from(machines)
    .where(
      and(
        inArray(machines.status, ['queued', 'starting', 'stopping']),
        lte(machines.leaseUntil, now),
        lte(machines.notBefore, now),
      ),
    )
    .orderBy(asc(machines.updatedAt))
    .limit(limit)
    .all()
    .map(({ status, ...ref }) => ({ ...ref, job: status === 'stopping' ? 'stop' : 'launch' }))
}

export interface LiveMachine extends Pick<Machine, 'status' | 'attempt'> {
  /** What it was started with. */
  services: ServiceName[]
}

/** Where each machine stands that has not ended, for comparing with the runtime. */
export function listLive(db: Db): Map<string, LiveMachine> {
  const rows = db
    .select()
    .from(machines)
    .where(inArray(machines.status, [...LIVE_STATUSES]))
    .all()
  const ids = rows.map(({ id }) => id)
  const services = db.select().from(machineServices).where(inArray(machineServices.machineId, ids)).all()
  return new Map(
    rows.map(({ id, status, attempt }) => [
      id,
      {
        status,
        attempt,
        services: services.filter(({ machineId }) => machineId === id).map(({ name }) => name),
      },
    ]),
  )
}

/** The queued machine that waits for this one's workspace, if any. */
export function nextInWorkspace(db: Db, workspaceId: string): LaunchRef | undefined {
  return db
    .select({ machineId: machines.id, attempt: machines.attempt })
    .from(machines)
    .where(and(eq(machines.workspaceId, workspaceId), eq(machines.status, 'queued')))
    .orderBy(asc(machines.createdAt))
    .get()
}

/** The machine as a worker needs it, whoever it belongs to. */
export const findMachine = (db: Db, id: string): Machine | undefined =>
  db.select().from(machines).where(eq(machines.id, id)).get()
