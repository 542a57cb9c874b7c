import { and, desc, eq, inArray, isNull } from 'drizzle-orm'
import { type ProviderId, providersOf } from '../providers/registry'
import { listMachineEvents, type MachineEvent } from './machine-events'
import type { ServiceAddress } from './machine-outcomes'
import type { Machine } from './machine-states'
import { atOneMoment, type Db, type Reader } from './open'
import { listProviderTokens } from './provider-tokens'
import { launchAttempts, machineServices, machines, machineTokens, providerTokens } from './schema'

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

export interface MachineDetails
  extends Pick<
    Machine,
    'id' | 'kind' | 'name' | 'status' | 'attempt' | 'size' | 'endsAt' | 'activeAt' | 'idleWarnedAt'
  > {
  createdAt: number
  updatedAt: number
  services: ServiceAddress[]
  tokens: HeldToken[]
  /** Saved since the launch of a machine that runs, and so not in it. */
  missingTokens: ProviderId[]
  error: MachineError | null
  events: MachineEvent[]
}

/** All of one moment: whoever knows its last event knows the machine as that event left it. */
export const getMachine = (db: Db, userId: string, id: string): MachineDetails | undefined =>
  atOneMoment(db, (at) => {
    const machine = at
      .select()
      .from(machines)
      .where(and(eq(machines.id, id), eq(machines.userId, userId), isNull(machines.deletedAt)))
      .get()
    const [found] = machine ? details(at, [machine]) : []
    return found && { ...found, events: listMachineEvents(at, id) }
  })

/** The user's machines, newest first. */
export const listMachines = (db: Db, userId: string, limit = 50): Omit<MachineDetails, 'events'>[] =>
  atOneMoment(db, (at) => {
    const rows = at
      .select()
      .from(machines)
      .where(and(eq(machines.userId, userId), isNull(machines.deletedAt)))
      .orderBy(desc(machines.createdAt), desc(machines.id))
      .limit(limit)
      .all()
    return details(at, rows)
  })

/** Adds to machines of one user what hangs on them, in a fixed number of queries. */
function details(db: Reader, rows: Machine[]): Omit<MachineDetails, 'events'>[] {
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
  return rows.map(({ id, kind, name, status, attempt, size, createdAt, updatedAt, ...row }) => {
    const failure = failures.find((row) => row.machineId === id && row.attempt === attempt)
    const held = tokens.filter((row) => row.held.machineId === id)
    return {
      id,
      kind,
      name,
      status,
      attempt,
      size,
      endsAt: row.endsAt,
      activeAt: row.activeAt,
      idleWarnedAt: row.idleWarnedAt,
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
              .filter((provider) => providersOf(kind).includes(provider))
              .filter((provider) => !held.some((row) => row.held.provider === provider))
          : [],
      error:
        status === 'failed' && failure?.errorClass
          ? { class: failure.errorClass, message: failure.errorMessage ?? '' }
          : null,
    }
  })
}
