import { createHmac, randomBytes } from 'node:crypto'
import { newId } from './ids'
import { type KeySettings, keySource, openKeyring } from './key-file'
import { canaryKeyId, tokenKeyIds } from './key-use'
import { type Keyring, KeyringError } from './keyring'
import { type Clock, type Db, immediately, type Tx } from './open'
import { installation } from './schema'
import { reseal, seal, UnsealError, unseal } from './sealing'

const CANARY = { purpose: 'canary', owner: ['installation'] } as const

/** What the right token keys give: the ring itself, and who this installation is. */
export interface Installation {
  id: string
  /** The ring to open values with, as it is now. To be asked after the value was read. */
  keyring(): Keyring
  /**
   * The ring to seal with. To be asked inside the transaction that writes: a rotation changes the first
   * key only between two of those, so none writes with the key before after it.
   * @throws KeyringError when the file is gone or damaged, or the database has moved on to another key:
   * what is sealed now could not be opened after the next start
   */
  sealingKeyring(tx: Tx): Keyring
  /** Keyed hash by which equal tokens of one user and provider are told without opening them. */
  fingerprint(userId: string, provider: string, value: string): string
}

/**
 * Loads the token keys and proves on the canary that they are this database's. The first call on an
 * empty database makes keys and canary; web and worker may come at the same time.
 * @throws KeyringError when keys are missing or another database's; nothing is written then
 */
export function openInstallation(db: Db, settings: KeySettings, clock: Clock): Installation {
  // What is sealed first, then the keys: the other way round, a rotation in between would look like a loss.
  const known = db.select().from(installation).get()
  const usedKeyIds = tokenKeyIds(db)
  const read = openKeyring(settings, known === undefined)
  let ring = read()
  const row = known ?? create(db, ring, clock)
  const fingerprintKey = openCanary(ring, row.canary)
  assertHasAll(ring, usedKeyIds, settings)
  return {
    id: row.id,
    keyring() {
      try {
        const now = read()
        if (now !== ring && has(now, canaryKeyId(db))) ring = now
      } catch {
        // What is in memory goes on opening values; a start, and whoever wants to seal, says what is wrong.
      }
      return ring
    },
    sealingKeyring(tx) {
      const now = read()
      const keyId = canaryKeyId(tx)
      if (!has(now, keyId))
        throw new KeyringError(
          `The database has moved on to key ${keyId}, which this process doesn't have. Start Slipway again with the present ${keySource(settings)}. Nothing was changed.`,
        )
      return now
    },
    fingerprint: (userId, provider, value) =>
      createHmac('sha256', fingerprintKey)
        .update(JSON.stringify([userId, provider, value]))
        .digest('base64url')
        .slice(0, 22),
  }
}

const has = (ring: Keyring, keyId: string | undefined) => ring.some(({ id }) => id === keyId)

function create(db: Db, keyring: Keyring, clock: Clock) {
  return immediately(db, (tx) => {
    const canary = seal(keyring, CANARY, randomBytes(32).toString('base64'))
    tx.insert(installation).values({ id: newId(), canary, createdAt: clock() }).onConflictDoNothing().run()
    const row = tx.select().from(installation).get()
    if (!row) throw new Error('The installation row was not written.')
    return row
  })
}

function openCanary(keyring: Keyring, canary: string): Buffer {
  try {
    return Buffer.from(unseal(keyring, CANARY, canary), 'base64')
  } catch (error) {
    if (!(error instanceof UnsealError)) throw error
    throw new KeyringError(
      `These token keys don't open this database. ${error.message} Start with the keys that the database was made with (TOKEN_KEYS, or the file token-keys in its data folder). Nothing was changed.`,
    )
  }
}

function assertHasAll(ring: Keyring, usedKeyIds: string[], settings: KeySettings): void {
  const missing = usedKeyIds.filter((id) => !has(ring, id))
  if (missing.length)
    throw new KeyringError(
      `Saved tokens are sealed with ${missing.length > 1 ? 'keys' : 'key'} ${missing.join(', ')}, which ${keySource(settings)} doesn't hold: removed too early. Put it back behind the first key, start, and let \`npm run keys:rotate\` say when it may go. Nothing was changed.`,
    )
}

/** Seals the canary with the first key of the ring. What it opens to, and so every fingerprint, stays. */
export function resealCanary(tx: Tx, keyring: Keyring): void {
  const row = tx.select().from(installation).get()
  if (!row) throw new Error('There is no installation.')
  tx.update(installation)
    .set({ canary: reseal(keyring, CANARY, row.canary) })
    .run()
}
