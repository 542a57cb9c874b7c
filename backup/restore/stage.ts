import { mkdirSync } from 'node:fs'
import { copyFile, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DATABASE } from '../format'
import { unpackBackup } from './unpack'

const SQLITE_MAGIC = 'SQLite format 3\0'

/**
 * Brings a backup, or a copy of the database alone, into an empty folder.
 * @returns when it was made, as far as it says
 * @throws BackupError when it is damaged
 */
export async function stage(backup: string, staging: string): Promise<string> {
  if (await isDatabase(backup)) {
    const copy = join(staging, DATABASE)
    await copyFile(backup, copy)
    return 'an unknown time'
  }
  const { takenAt } = await unpackBackup(backup, staging)
  // Without any, what is there still has to make way.
  for (const name of ['saves', 'results']) mkdirSync(join(staging, name), { recursive: true, mode: 0o700 })
  return takenAt
}

async function isDatabase(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(SQLITE_MAGIC.length), 0, SQLITE_MAGIC.length, 0)
    return buffer.toString('latin1') === SQLITE_MAGIC
  } finally {
    await file.close()
  }
}
