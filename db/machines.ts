import { and, desc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { type ProviderId, providersOf } from '../providers/registry'
import { type LaunchProgress, launchProgress } from './launch-progress'
import { listMachineEvents, type MachineEvent } from './machine-events'
import type { ServiceAddress } from './machine-outcomes'
import { LIVE_STATUSES, type Machine } from './machine-states'
import { atOneMoment, type Db } from './open'
import { isAmong, prepared } from './prepared'
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
    | 'id'
    | 'kind'
    | 'name'
    | 'status'
    | 'attempt'
    | 'size'
    | 'sessionMs'
    | 'endsAt'
    | 'activeAt'
    | 'idleWarnedAt'
  > {
  createdAt: number
  updatedAt: number
  services: ServiceAddress[]
  tokens: HeldToken[]
  /** Saved since the launch of a machine that runs, and so not in it. */
  missingTokens: ProviderId[]
  error: MachineError | null
  events: MachineEvent[]
  launch: LaunchProgress | undefined
}

/** A machine as lists have it. */
export type MachineSummary = Omit<MachineDetails, 'events' | 'launch'>

const newestFirst = [desc(machines.createdAt), desc(machines.id)]

const newestOf = prepared((db) =>
  db
    .select()
    .from(machines)
    .where(and(eq(machines.userId, sql.placeholder('userId')), isNull(machines.deletedAt)))
    .orderBy(...newestFirst)
    .limit(sql.placeholder('limit'))
    .prepare(),
)

const liveOf = prepared((db) =>
  db
    .select()
    .from(machines)
    .where(
      and(
        inArray(machines.status, [...LIVE_STATUSES]),
        // Not by the index of a user's machines, of whom nearly all have ended.
        sql`+${machines.userId} = ${sql.placeholder('userId')}`,
        isNull(machines.deletedAt),
      ),
    )
    .orderBy(...newestFirst)
    .prepare(),
)

const servicesOf = prepared((db) =>
  db.select().from(machineServices).where(isAmong(machineServices.machineId)).prepare(),
)

const tokensOf = prepared((db) =>
  db
    .select({ held: machineTokens, saved: providerTokens.fingerprint })
    .from(machineTokens)
    .innerJoin(machines, eq(machines.id, machineTokens.machineId))
    .leftJoin(
      providerTokens,
      and(eq(providerTokens.userId, machines.userId), eq(providerTokens.provider, machineTokens.provider)),
    )
    .where(isAmong(machineTokens.machineId))
    .prepare(),
)

const attemptsOf = prepared((db) =>
  db.select().from(launchAttempts).where(isAmong(launchAttempts.machineId)).prepare(),
)

/** All of one moment: whoever knows its last event knows the machine as that event left it. */
export const getMachine = (db: Db, userId: string, id: string): MachineDetails | undefined =>
  atOneMoment(db, () => {
    const machine = db
      .select()
      .from(machines)
      .where(and(eq(machines.id, id), eq(machines.userId, userId), isNull(machines.deletedAt)))
      .get()
    const [found] = machine ? details(db, [machine]) : []
    return (
      found && {
        ...found,
        events: listMachineEvents(db, id),
        launch: launchProgress(db, { machineId: id, attempt: found.attempt }),
      }
    )
  })

interface WhichMachines {
  limit?: number
  /** Only those that come after this one in the list. */
  before?: Pick<Machine, 'createdAt' | 'id'> | undefined
}

/** The user's newest machines, newest first; on the first page with all that have not ended, however old. */
export const listMachines = (
  db: Db,
  userId: string,
  { limit = 50, before }: WhichMachines = {},
): MachineSummary[] =>
  atOneMoment(db, () => {
    if (before) return details(db, machinesBefore(db, userId, before, limit))
    const rows = newestOf(db).all({ userId, limit })
    if (rows.length < limit) return details(db, rows)
    const listed = new Set(rows.map(({ id }) => id))
    const older = liveOf(db)
      .all({ userId })
      .filter(({ id }) => !listed.has(id))
    return details(db, [...rows, ...older])
  })

const machinesBefore = (
  db: Db,
  userId: string,
  { createdAt, id }: Pick<Machine, 'createdAt' | 'id'>,
  limit: number,
) =>
  db
    .select()
    .from(machines)
    .where(
      and(
        eq(machines.userId, userId),
        isNull(machines.deletedAt),
        sql`(${machines.createdAt}, ${machines.id}) < (${createdAt}, ${id})`,
      ),
    )
    .orderBy(...newestFirst)
    .limit(limit)
    .all()

/**
 * Adds to machines of one user what hangs on them, in a fixed number of queries. On the connection itself, whose
 * queries are prepared, and so in the transaction that it is in.
 */
function details(db: Db, rows: Machine[]): MachineSummary[] {
  const ids = JSON.stringify(rows.map(({ id }) => id))
  const services = servicesOf(db).all({ ids })
  const tokens = tokensOf(db).all({ ids })
  const [owner] = rows
  const saved = owner ? listProviderTokens(db, owner.userId) : []
  const failures = attemptsOf(db).all({ ids })
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
      sessionMs: row.sessionMs,
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
