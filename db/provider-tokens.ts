import { and, eq, sql } from 'drizzle-orm'
import { AppError } from '../errors'
import { PROVIDER_IDS, PROVIDERS, type ProviderId } from '../providers/registry'
import type { KeptCheck, TokenCheck } from '../providers/token-check'
import { readToken, visiblePart } from '../providers/token-format'
import { type Actor, record } from './audit'
import type { Installation } from './installation'
import { addEventToLiveMachines } from './machine-events'
import { type Clock, type Db, immediately, type Reader } from './open'
import { isAmong, prepared } from './prepared'
import { providerTokens } from './schema'
import { keyIdOf, seal, unseal } from './sealing'
import { checkColumns, outcomeOf } from './token-checks'
import { assertStillHere, findSubject } from './users'

/** What may be known of a saved token outside a launch. */
export interface SavedToken {
  provider: ProviderId
  visible: string
  fingerprint: string
  updatedAt: number
  /** What its issuer said of it last, and when; null while nobody asked. */
  check: KeptCheck | null
  checkedAt: number | null
}

/** What a token is sealed for: the one row of its user and provider. */
export const tokenContext = (userId: string, provider: ProviderId) =>
  ({ purpose: 'provider-token', owner: [userId, provider] }) as const

const isRow = (userId: string, provider: ProviderId) =>
  and(eq(providerTokens.userId, userId), eq(providerTokens.provider, provider))

const tokensOf = prepared((db) =>
  db
    .select({
      provider: providerTokens.provider,
      visible: providerTokens.visible,
      fingerprint: providerTokens.fingerprint,
      updatedAt: providerTokens.updatedAt,
      check: providerTokens.check,
      checkedAt: providerTokens.checkedAt,
    })
    .from(providerTokens)
    .where(eq(providerTokens.userId, sql.placeholder('userId')))
    .prepare(),
)

export const listProviderTokens = (db: Reader, userId: string): SavedToken[] => tokensOf(db).all({ userId })

/**
 * Saves or replaces the user's token of a provider, sealed.
 * @param pasted as typed; blanks and line ends around it are dropped
 * @param check what its issuer said of it just now; without it the worker asks soon
 * @throws AppError `bad_input` on `token`, with the cure; `signed_out` when the account was shut meanwhile
 */
export function saveProviderToken(
  { db, installation, clock }: { db: Db; installation: Installation; clock: Clock },
  userId: string,
  provider: ProviderId,
  pasted: string,
  by: Actor,
  check?: TokenCheck,
): void {
  const { value, fault } = readToken(provider, pasted)
  if (fault !== undefined) throw new AppError('bad_input', fault, { field: 'token' })
  const saved = {
    visible: visiblePart(value),
    fingerprint: installation.fingerprint(userId, provider, value),
    updatedAt: clock(),
  }
  immediately(db, (tx) => {
    const subject = assertStillHere(tx, userId)
    const sealed = seal(installation.sealingKeyring(tx), tokenContext(userId, provider), value)
    const checked = check
      ? checkColumns(check, saved.updatedAt, { check: null, checkedAt: null })
      : { check: null, checkedAt: null, checkDueAt: 0 }
    const row = { ...saved, ...checked, sealed, keyId: keyIdOf(sealed) }
    const isNew = !tx
      .select({ at: providerTokens.updatedAt })
      .from(providerTokens)
      .where(isRow(userId, provider))
      .get()
    tx.insert(providerTokens)
      .values({ userId, provider, ...row })
      .onConflictDoUpdate({ target: [providerTokens.userId, providerTokens.provider], set: row })
      .run()
    const text = `A ${PROVIDERS[provider].label} token was saved. A machine keeps what it was launched with until it is relaunched.`
    addEventToLiveMachines(tx, userId, text, row.updatedAt)
    const action = isNew ? 'provider_token_saved' : 'provider_token_replaced'
    const detail = check && outcomeOf(check)
    record(tx, { action, by, subject, target: PROVIDERS[provider].label, detail }, clock)
  })
}

/** Forgets the user's token of a provider; nothing to forget is fine. Running machines keep theirs. */
export function clearProviderToken(
  db: Db,
  userId: string,
  provider: ProviderId,
  by: Actor,
  clock: Clock,
): void {
  immediately(db, (tx) => {
    const { changes } = tx.delete(providerTokens).where(isRow(userId, provider)).run()
    if (!changes) return
    const text = `The saved ${PROVIDERS[provider].label} token was cleared. A machine keeps what it was launched with until it is relaunched.`
    addEventToLiveMachines(tx, userId, text, clock())
    const target = PROVIDERS[provider].label
    record(tx, { action: 'provider_token_cleared', by, subject: findSubject(tx, userId), target }, clock)
  })
}

const sealedOf = prepared((db) =>
  db
    .select()
    .from(providerTokens)
    .where(and(eq(providerTokens.userId, sql.placeholder('userId')), isAmong(providerTokens.provider)))
    .prepare(),
)

/** A saved token with its value: in the worker's memory, and nowhere else. */
export interface OpenedToken extends SavedToken {
  value: string
}

/**
 * The only way from stored tokens to their values; the worker's `open-tokens` is its only caller.
 * @param providers only theirs are opened
 * @throws UnsealError when a value cannot be opened: a launch without a token that its owner saved
 * would look like success
 */
export function openProviderTokens(
  db: Db,
  installation: Installation,
  userId: string,
  providers: readonly ProviderId[] = PROVIDER_IDS,
): OpenedToken[] {
  return sealedOf(db)
    .all({ userId, ids: JSON.stringify(providers) })
    .map(({ userId, sealed, keyId: _, checkDueAt: __, ...saved }) => ({
      ...saved,
      value: unseal(installation.keyring(), tokenContext(userId, saved.provider), sealed),
    }))
}
