import { gt, min } from 'drizzle-orm'
import type { Db, Tx } from './open'
import { installation, providerTokens } from './schema'
import { keyIdOf } from './sealing'

/**
 * Ids of the keys that saved tokens are sealed with. One look into the index for each of them, however
 * many tokens there are.
 */
export function tokenKeyIds(db: Db | Tx): string[] {
  const ids: string[] = []
  for (;;) {
    const last = ids.at(-1)
    const row = db
      .select({ id: min(providerTokens.keyId) })
      .from(providerTokens)
      .where(last === undefined ? undefined : gt(providerTokens.keyId, last))
      .get()
    if (row?.id == null) return ids
    ids.push(row.id)
  }
}

/** Id of the key that the canary is sealed with, which a rotation moves last of all. */
export function canaryKeyId(db: Db | Tx): string | undefined {
  const row = db.select({ canary: installation.canary }).from(installation).get()
  return row && keyIdOf(row.canary)
}
