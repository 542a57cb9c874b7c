import { and, asc, eq, lte } from 'drizzle-orm'
import { mayAskAt, nextCheckAt } from '../providers/checks/schedule'
import { PROVIDERS, type ProviderId } from '../providers/registry'
import type { KeptCheck, TokenCheck } from '../providers/token-check'
import { type Actor, record, WORKER } from './audit'
import { type Clock, type Db, immediately } from './open'
import { providerTokens } from './schema'
import { findSubject } from './users'

/** What issuers say of saved tokens, and when to ask them again. */

export interface TokenRef {
  userId: string
  provider: ProviderId
}
/** A check that one worker has taken on; the fingerprint tells whether the token is still the one it asked about. */
export type TokenClaim = TokenRef & { fingerprint: string }

const isRow = ({ userId, provider }: TokenRef) =>
  and(eq(providerTokens.userId, userId), eq(providerTokens.provider, provider))

/**
 * Makes a check due now, unless its issuer asked to be left alone for longer.
 * @param by who asks for it; nobody when the worker itself has reason to
 * @returns when the issuer may be asked, now or later; `undefined` when no token is saved
 */
export function requestTokenCheck(db: Db, ref: TokenRef, clock: Clock, by?: Actor): number | undefined {
  return immediately(db, (tx) => {
    const row = tx.select().from(providerTokens).where(isRow(ref)).get()
    if (!row) return undefined
    const now = clock()
    const mayAsk = Math.max(now, mayAskAt(row.check, row.checkedAt ?? 0))
    if (mayAsk > now) return mayAsk
    tx.update(providerTokens).set({ checkDueAt: now }).where(isRow(ref)).run()
    const target = PROVIDERS[ref.provider].label
    if (by) record(tx, { action: 'provider_token_check_requested', by, target }, clock)
    return now
  })
}

/** Checks that are due, the longest due first. */
export const listDueTokenChecks = (db: Db, now: number, limit: number): TokenRef[] =>
  db
    .select({ userId: providerTokens.userId, provider: providerTokens.provider })
    .from(providerTokens)
    .where(lte(providerTokens.checkDueAt, now))
    .orderBy(asc(providerTokens.checkDueAt))
    .limit(limit)
    .all()

/**
 * Takes on a check that is due, so that no other worker asks as well.
 * @param holdMs until it is due again should this worker not come back
 */
export function claimTokenCheck(db: Db, ref: TokenRef, holdMs: number, clock: Clock): TokenClaim | undefined {
  const now = clock()
  const row = db
    .update(providerTokens)
    .set({ checkDueAt: now + holdMs })
    .where(and(isRow(ref), lte(providerTokens.checkDueAt, now)))
    .returning({ fingerprint: providerTokens.fingerprint })
    .get()
  return row && { ...ref, ...row }
}

/** Keeps what the issuer said, if the token is still the one that it said it of. */
export function recordTokenCheck(db: Db, claim: TokenClaim, check: TokenCheck, clock: Clock): boolean {
  return immediately(db, (tx) => {
    const subject = findSubject(tx, claim.userId)
    const target = PROVIDERS[claim.provider].label
    // Asking took the value, whether the answer is of use or not.
    const entry = { action: 'provider_token_checked', by: WORKER, detail: outcomeOf(check) } as const
    record(tx, { ...entry, subject, target }, clock)
    const isSame = and(isRow(claim), eq(providerTokens.fingerprint, claim.fingerprint))
    const row = tx.select().from(providerTokens).where(isSame).get()
    if (!row) return false
    tx.update(providerTokens)
      .set(checkColumns(check, clock(), row))
      .where(isSame)
      .run()
    return true
  })
}

/** For the audit log. */
export const outcomeOf = ({ state }: TokenCheck): string =>
  state === 'not_checked' ? 'No answer from its issuer' : `Its issuer says: ${state}`

/** @param before what was kept of the same token until now */
export function checkColumns(
  check: TokenCheck,
  now: number,
  before: { check: KeptCheck | null; checkedAt: number | null },
) {
  const kept = keep(check, before)
  return { check: kept, checkedAt: now, checkDueAt: Math.ceil(nextCheckAt(kept, now)) }
}

function keep(
  check: TokenCheck,
  { check: before, checkedAt }: { check: KeptCheck | null; checkedAt: number | null },
): KeptCheck {
  if (check.state !== 'not_checked') return check
  if (before?.state === 'not_checked')
    return { ...check, failures: before.failures + 1, lastAnswer: before.lastAnswer }
  const lastAnswer = before && checkedAt !== null ? { check: before, checkedAt } : null
  return { ...check, failures: 1, lastAnswer }
}
