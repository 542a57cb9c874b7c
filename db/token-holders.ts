import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { type MachineKind, type ProviderId, providersOf } from '../providers/registry'
import type { Reader } from './open'
import { isAmong, prepared } from './prepared'
import { listProviderTokens } from './provider-tokens'
import { type MachineStatus, machines, machineTokens } from './schema'

/** A machine that holds, or could hold, a token of a provider. */
export interface TokenHolder {
  provider: ProviderId
  machineId: string
  name: string
  kind: MachineKind
  /** The saved token, another one, none at all, or nothing yet: it is on its way and takes what is saved then. */
  holds: 'present' | 'older' | 'none' | 'soon'
}

const liveOf = prepared((db) =>
  db
    .select({ id: machines.id, name: machines.name, kind: machines.kind, status: machines.status })
    .from(machines)
    .where(
      and(
        eq(machines.userId, sql.placeholder('userId')),
        inArray(machines.status, ['queued', 'starting', 'running']),
      ),
    )
    .orderBy(asc(machines.createdAt))
    .prepare(),
)

const tokensHeld = prepared((db) =>
  db.select().from(machineTokens).where(isAmong(machineTokens.machineId)).prepare(),
)

/** The user's machines that run or are on their way, by every provider whose variables they get. */
export function listTokenHolders(db: Reader, userId: string): TokenHolder[] {
  const saved = listProviderTokens(db, userId)
  const live = liveOf(db).all({ userId })
  const taken = tokensHeld(db).all({ ids: JSON.stringify(live.map(({ id }) => id)) })
  return live.flatMap(({ id, name, kind, status }) =>
    providersOf(kind).map((provider): TokenHolder => {
      const held = taken.find((row) => row.machineId === id && row.provider === provider)
      const present = saved.find((row) => row.provider === provider)?.fingerprint
      return { provider, machineId: id, name, kind, holds: holding(status, held?.fingerprint, present) }
    }),
  )
}

/** Queued again it still has what its last try took; while it starts, none may only mean none yet. */
function holding(status: MachineStatus, held: string | undefined, present: string | undefined) {
  if (status === 'queued' || (status === 'starting' && held === undefined)) return 'soon'
  if (held === undefined) return 'none'
  return held === present ? 'present' : 'older'
}
