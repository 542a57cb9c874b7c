import { and, asc, eq, inArray } from 'drizzle-orm'
import { type MachineKind, PROVIDER_IDS, PROVIDERS, type ProviderId } from '../providers/registry'
import type { Db, Tx } from './open'
import { machines, machineTokens, providerTokens } from './schema'

/** A machine that holds, or could hold, a token of a provider. */
export interface TokenHolder {
  provider: ProviderId
  machineId: string
  name: string
  kind: MachineKind
  /** The saved token, another one, or none at all. */
  holds: 'present' | 'older' | 'none'
}

/** The user's machines that run or have taken their tokens, by every provider whose variables they get. */
export function listTokenHolders(db: Db | Tx, userId: string): TokenHolder[] {
  const saved = db
    .select({ provider: providerTokens.provider, fingerprint: providerTokens.fingerprint })
    .from(providerTokens)
    .where(eq(providerTokens.userId, userId))
    .all()
  const live = db
    .select({ id: machines.id, name: machines.name, kind: machines.kind, status: machines.status })
    .from(machines)
    .where(and(eq(machines.userId, userId), inArray(machines.status, ['starting', 'running'])))
    .orderBy(asc(machines.createdAt))
    .all()
  const ids = live.map(({ id }) => id)
  const taken = db.select().from(machineTokens).where(inArray(machineTokens.machineId, ids)).all()
  return live.flatMap(({ id, name, kind, status }) =>
    providersOf(kind).flatMap((provider): TokenHolder[] => {
      const held = taken.find((row) => row.machineId === id && row.provider === provider)
      // While it starts, no token may only mean that it has not come to take one.
      if (!held && status === 'starting') return []
      const present = saved.find((row) => row.provider === provider)?.fingerprint
      const holds = !held ? 'none' : held.fingerprint === present ? 'present' : 'older'
      return [{ provider, machineId: id, name, kind, holds }]
    }),
  )
}

const providersOf = (kind: MachineKind) =>
  PROVIDER_IDS.filter((provider) => PROVIDERS[provider].variables[kind].length)
