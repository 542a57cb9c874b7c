import { createHmac, randomBytes } from 'node:crypto'
import { newId } from './ids'
import { type Keyring, KeyringError, loadKeyring } from './keyring'
import { type Clock, type Db, immediately } from './open'
import { installation } from './schema'
import { seal, UnsealError, unseal } from './sealing'

const CANARY = { purpose: 'canary', owner: ['installation'] } as const

/** What the right token keys give: the ring itself, and who this installation is. */
export interface Installation {
  id: string
  keyring: Keyring
  /** Keyed hash by which equal tokens of one user and provider are told without opening them. */
  fingerprint(userId: string, provider: string, value: string): string
}

/**
 * Loads the token keys and proves on the canary that they are this database's. The first call on an
 * empty database makes keys and canary; web and worker may come at the same time.
 * @throws KeyringError when the keys are missing or another database's; nothing is written then
 */
export function openInstallation(
  db: Db,
  settings: { tokenKeys: string | undefined; dataDir: string },
  clock: Clock,
): Installation {
  const known = db.select().from(installation).get()
  const keyring = loadKeyring(settings, known === undefined)
  const row = known ?? create(db, keyring, clock)
  const fingerprintKey = openCanary(keyring, row.canary)
  return {
    id: row.id,
    keyring,
    fingerprint: (userId, provider, value) =>
      createHmac('sha256', fingerprintKey)
        .update(JSON.stringify([userId, provider, value]))
        .digest('base64url')
        .slice(0, 22),
  }
}

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
