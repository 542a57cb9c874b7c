import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { findDamage } from '../../db/database-check'
import { openInstallation } from '../../db/installation'
import { type KeySettings, keySource } from '../../db/key-file'
import { canaryKeyId, tokenKeyIds } from '../../db/key-use'
import { type Db, openDb } from '../../db/open'
import { installationId } from '../../db/restored'
import { migrateDb, schemaVersions } from '../../db/schema-version'
import { BackupError } from '../format'

/**
 * Opens the database of a backup, proves that it is whole, and brings it to this program's schema.
 * @throws BackupError
 */
export function openChecked(path: string): Db {
  let db: Db | undefined
  try {
    db = openDb(path)
    const { applied, known } = schemaVersions(db)
    if (applied > known)
      throw new BackupError(
        `This backup was made by a newer Slipway: its schema is ${applied}, and this one knows ${known}. Restore it with that version. Nothing was changed.`,
      )
    const damage = findDamage(db)
    if (damage)
      throw new BackupError(`The database in the backup is damaged: ${damage}. Nothing was changed.`)
    migrateDb(db)
    if (installationId(db) === undefined)
      throw new BackupError('The database in the backup is empty. Nothing was changed.')
    return db
  } catch (error) {
    db?.$client.close()
    if (error instanceof BackupError) throw error
    const { message } = error as Error
    throw new BackupError(`The database in the backup can't be used: ${message}. Nothing was changed.`)
  }
}

/**
 * Proves that the keys open the database.
 * @param keysFile put into the staging folder; without one those in force are tried
 * @returns ids of the keys that the database needs, when there are none to try
 * @throws KeyringError when they don't open it
 */
export function checkKeys(
  db: Db,
  { settings, keysFile, staging }: { settings: KeySettings; keysFile: string | undefined; staging: string },
): string[] {
  if (keysFile !== undefined) {
    if (settings.tokenKeys)
      throw new BackupError('TOKEN_KEYS is set and wins over a file of keys: leave one of them out.')
    const staged = { tokenKeys: undefined, dataDir: staging }
    writeFileSync(keySource(staged), readFileSync(keysFile), { mode: 0o600, flag: 'wx', flush: true })
    openInstallation(db, staged, Date.now)
    return []
  }
  if (!settings.tokenKeys && !existsSync(keySource(settings)))
    return [...new Set([canaryKeyId(db) ?? '', ...tokenKeyIds(db)])]
  openInstallation(db, settings, Date.now)
  return []
}
