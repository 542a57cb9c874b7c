import { closeSync, openSync } from 'node:fs'
import { syncToDisk } from '../durable'
import type { Db } from './open'

/** All pages in one step: a write by another process between two steps would begin the copy anew. */
const ALL_PAGES = 0x7fffffff

/**
 * Copies the database as it is at one moment, while others go on reading and writing.
 * @param file must not be there yet; made for its owner's eyes alone, and on disk when this returns
 */
export async function copyDatabase(db: Db, file: string): Promise<void> {
  closeSync(openSync(file, 'wx', 0o600))
  await db.$client.backup(file, { progress: () => ALL_PAGES })
  syncToDisk(file)
}

/** How many bytes a copy takes. */
export const databaseBytes = (db: Db): number =>
  Number(db.$client.pragma('page_count', { simple: true })) *
  Number(db.$client.pragma('page_size', { simple: true }))
