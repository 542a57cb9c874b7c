import { eq, sql } from 'drizzle-orm'
import type { ProviderId } from '../providers/registry'
import { lastAnswerOf } from '../providers/token-check'
import type { Db } from './open'
import { prepared } from './prepared'
import { listProviderTokens } from './provider-tokens'
import { downloads, machineRuns } from './schema'

export interface FirstStepsTaken {
  /** Whose token is saved: the first that no issuer has found good, else the first at all. */
  savedToken: ProviderId | null
  hasGoodToken: boolean
  /** Whether a machine has come to run, also one that is gone. */
  hasRun: boolean
  hasDownloaded: boolean
}

const anyIn = (table: typeof machineRuns | typeof downloads) =>
  prepared((db) =>
    db
      .select({ one: sql`1` })
      .from(table)
      .where(eq(table.userId, sql.placeholder('userId')))
      .limit(1)
      .prepare(),
  )
const anyRun = anyIn(machineRuns)
const anyDownload = anyIn(downloads)

/** How far somebody has come from an account to a model in a machine. */
export function firstStepsTaken(db: Db, userId: string): FirstStepsTaken {
  const tokens = listProviderTokens(db, userId).map(({ provider, check }) => ({
    provider,
    isGood: lastAnswerOf(check)?.state === 'valid',
  }))
  return {
    savedToken: (tokens.find(({ isGood }) => !isGood) ?? tokens[0])?.provider ?? null,
    hasGoodToken: tokens.some(({ isGood }) => isGood),
    hasRun: anyRun(db).get({ userId }) !== undefined,
    hasDownloaded: anyDownload(db).get({ userId }) !== undefined,
  }
}
