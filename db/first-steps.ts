import { eq, sql } from 'drizzle-orm'
import type { ProviderId } from '../providers/registry'
import { lastAnswerOf } from '../providers/token-check'
import type { Db } from './open'
import { downloads, machineRuns, providerTokens } from './schema'

export interface FirstStepsTaken {
  /** Whose token is saved: the first that no issuer has found good, else the first at all. */
  savedToken: ProviderId | null
  hasGoodToken: boolean
  /** Whether a machine has come to run, also one that is gone. */
  hasRun: boolean
  hasDownloaded: boolean
}

/** How far somebody has come from an account to a model in a machine. */
export function firstStepsTaken(db: Db, userId: string): FirstStepsTaken {
  const tokens = db
    .select({ provider: providerTokens.provider, check: providerTokens.check })
    .from(providerTokens)
    .where(eq(providerTokens.userId, userId))
    .all()
    .map(({ provider, check }) => ({ provider, isGood: lastAnswerOf(check)?.state === 'valid' }))
  const isIn = (table: typeof machineRuns | typeof downloads) =>
    db.select({ one: sql`1` }).from(table).where(eq(table.userId, userId)).limit(1).get() !== undefined
  return {
    savedToken: (tokens.find(({ isGood }) => !isGood) ?? tokens[0])?.provider ?? null,
    hasGoodToken: tokens.some(({ isGood }) => isGood),
    hasRun: isIn(machineRuns),
    hasDownloaded: isIn(downloads),
  }
}
