import type { Db } from './open'

/** What is wrong with the file itself; undefined when nothing is. Reads all of it. */
export function findDamage(db: Db): string | undefined {
  const said = db.$client.pragma('integrity_check(1)', { simple: true })
  if (said !== 'ok') return String(said)
  const [lost] = db.$client.pragma('foreign_key_check') as { table: string; parent: string }[]
  return lost && `a row of ${lost.table} belongs to none of ${lost.parent}`
}

/**
 * Puts everything into the one file and lets go of it.
 * @throws SqliteError SQLITE_BUSY while any other process has the database open
 */
export function closeAlone(db: Db): void {
  try {
    db.$client.pragma('busy_timeout = 0')
    db.$client.pragma('journal_mode = DELETE')
  } finally {
    db.$client.close()
  }
}
