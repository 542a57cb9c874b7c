import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import type { Db } from './open'

const FOLDER = join(process.cwd(), 'db/migrations')

/** The database's schema is not the one that this program was built for. */
export class SchemaVersionError extends Error {
  override name = 'SchemaVersionError'
}

/** Brings the schema to this program's version. Starting twice at once is safe. */
export function migrateDb(db: Db): void {
  const applied = appliedMigrations(db)
  if (applied > knownMigrations())
    throw new SchemaVersionError(
      'This database was made by a newer Slipway. Start that version, or restore a backup.',
    )
  if (applied === knownMigrations()) return
  try {
    migrate(db, { migrationsFolder: FOLDER })
  } catch (error) {
    // The migrator reads before it locks: the slower of two trips over the faster one's tables.
    if (appliedMigrations(db) !== knownMigrations()) throw error
  }
}

/** @throws SchemaVersionError unless the schema is exactly this program's */
export function assertMigrated(db: Db): void {
  if (appliedMigrations(db) !== knownMigrations())
    throw new SchemaVersionError('The database schema is not of this version. `npm start` migrates it.')
}

function knownMigrations(): number {
  return JSON.parse(readFileSync(join(FOLDER, 'meta/_journal.json'), 'utf8')).entries.length
}

function appliedMigrations(db: Db): number {
  const table = db.get<{ n: number }>(
    sql`select count(*) n from sqlite_master where name = '__drizzle_migrations'`,
  )
  if (!table?.n) return 0
  return db.get<{ n: number }>(sql`select count(*) n from __drizzle_migrations`)?.n ?? 0
}
