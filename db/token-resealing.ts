import { and, asc, count, eq, gt, inArray, sql } from 'drizzle-orm'
import { PROVIDERS } from '../providers/registry'
import { tokenKeyIds } from './key-use'
import type { Keyring } from './keyring'
import type { Db, Tx } from './open'
import { tokenContext } from './provider-tokens'
import { providerTokens, users } from './schema'
import { reseal, UnsealError } from './sealing'

/** So few that whoever saves a token meanwhile doesn't notice. */
const BATCH = 250

/** Ids of the keys that tokens are sealed with, besides the first of the ring. */
export const otherKeyIds = (db: Db | Tx, [{ id }]: Keyring): string[] =>
  tokenKeyIds(db).filter((used) => used !== id)

/** How many tokens have yet to be sealed with the first key of the ring. */
export const countOtherTokens = (db: Db | Tx, ring: Keyring): number =>
  db
    .select({ n: count() })
    .from(providerTokens)
    .where(inArray(providerTokens.keyId, otherKeyIds(db, ring)))
    .get()?.n ?? 0

/** @returns `name (provider)` of those that have yet to be sealed with the first key of the ring */
export const ownersOfOtherTokens = (db: Db, ring: Keyring, limit: number): string[] =>
  db
    .select({ name: users.name, provider: providerTokens.provider })
    .from(providerTokens)
    .innerJoin(users, eq(users.id, providerTokens.userId))
    .where(inArray(providerTokens.keyId, otherKeyIds(db, ring)))
    .limit(limit)
    .all()
    .map(({ name, provider }) => `${name} (${PROVIDERS[provider].label})`)

const rowId = sql<number>`rowid`

/** The next tokens that a key has sealed, in the order of their rows. */
export const readBatch = (db: Db, keyId: string, afterRowId: number) =>
  db
    .select({
      rowId,
      userId: providerTokens.userId,
      provider: providerTokens.provider,
      sealed: providerTokens.sealed,
    })
    .from(providerTokens)
    .where(and(eq(providerTokens.keyId, keyId), gt(rowId, afterRowId)))
    .orderBy(asc(rowId))
    .limit(BATCH)
    .all()

interface Change {
  rowId: number
  before: string
  after: string
}

/** @returns the values sealed with the first key of the ring, without those that no key of it opens */
export const resealBatch = (ring: Keyring, rows: ReturnType<typeof readBatch>): Change[] =>
  rows.flatMap(({ rowId, userId, provider, sealed }) => {
    try {
      return [{ rowId, before: sealed, after: reseal(ring, tokenContext(userId, provider), sealed) }]
    } catch (error) {
      if (error instanceof UnsealError) return []
      throw error
    }
  })

/** Leaves alone what was saved or cleared since it was read. */
export function writeBatch(tx: Tx, [{ id }]: Keyring, changes: readonly Change[]): void {
  const update = tx
    .update(providerTokens)
    .set({ sealed: sql`${sql.placeholder('after')}`, keyId: id })
    .where(and(eq(rowId, sql.placeholder('rowId')), eq(providerTokens.sealed, sql.placeholder('before'))))
    .prepare()
  for (const change of changes) update.run({ ...change })
}
