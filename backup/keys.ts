import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openInstallation } from '../db/installation'
import { type KeySettings, keySource } from '../db/key-file'
import type { Db } from '../db/open'
import { syncName } from '../durable'

/**
 * Copies the token keys into a file of their own, once it is proven that they open the database.
 * @param file must not be there yet, and isn't when this throws
 * @throws KeyringError when they don't
 */
export function copyKeys(db: Db, settings: KeySettings, file: string): void {
  openInstallation(db, settings, Date.now)
  const keys = settings.tokenKeys?.split(/[\s,]+/).join('\n') ?? readFileSync(keySource(settings), 'utf8')
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const opened = openSync(file, 'wx', 0o600)
  try {
    writeFileSync(opened, `${keys.trim()}\n`)
    fsyncSync(opened)
    syncName(file)
  } catch (error) {
    rmSync(file, { force: true })
    throw error
  } finally {
    closeSync(opened)
  }
}
