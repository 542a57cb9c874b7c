import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { type Db, immediately, type Tx } from './open'

const FOLDER = join(process.cwd(), 'db/migrations')

/** The database's schema is not the one that this program was built for. */
export class SchemaVersionError extends Error {
  override name = 'SchemaVersionError'
}

const NEWER = 'This database was made by a newer Slipway. Start that version, or restore a backup.'

/** A migration may rewrite whole tables while another process waits for it. */
const MIGRATION_WAIT_MS = 60_000

/**
 * Brings the schema to this program's version, all or nothing. Of several processes that start at once one
 * does it, and the others wait.
 * @throws SchemaVersionError when the database is a newer version's
 */
export function migrateDb(db: Db): void {
  const usualWaitMs = db.$client.pragma('busy_timeout', { simple: true })
  db.$client.pragma(`busy_timeout = ${MIGRATION_WAIT_MS}`)
  try {
    // Not drizzle's own migrator: it looks what is missing before it locks.
    immediately(db, applyMissing)
  } finally {
    db.$client.pragma(`busy_timeout = ${usualWaitMs}`)
  }
}

function applyMissing(tx: Tx): void {
  const migrations = knownMigrations()
  const applied = appliedMigrations(tx)
  if (applied > migrations.length) throw new SchemaVersionError(NEWER)
  tx.run(
    sql`create table if not exists __drizzle_migrations (id serial primary key, hash text not null, created_at numeric)`,
  )
  for (const { sql: statements, hash, folderMillis } of migrations.slice(applied)) {
    for (const statement of statements) tx.run(sql.raw(statement))
    tx.run(sql`insert into __drizzle_migrations (hash, created_at) values (${hash}, ${folderMillis})`)
  }
}

/** @throws SchemaVersionError when the database is a newer version's */
export function assertNotNewer(db: Db): void {
  const { applied, known } = schemaVersions(db)
  if (applied > known) throw new SchemaVersionError(NEWER)
}

/** @throws SchemaVersionError unless the schema is exactly this program's */
export function assertMigrated(db: Db): void {
  assertNotNewer(db)
  const { applied, known } = schemaVersions(db)
  if (applied < known)
    throw new SchemaVersionError('The database schema is not of this version. `npm start` migrates it.')
}

const knownMigrations = () => readMigrationFiles({ migrationsFolder: FOLDER })

/** Which version the database's schema has, 0 before the first, and which one this program is built for. */
export const schemaVersions = (db: Db): { applied: number; known: number } => ({
  applied: appliedMigrations(db),
  known: knownMigrations().length,
})

/** How many migrations a database has seen. */
export function appliedMigrations(db: Db | Tx): number {
  const table = db.get<{ n: number }>(
    sql`select count(*) n from sqlite_master where name = '__drizzle_migrations'`,
  )
  if (!table?.n) return 0
  return db.get<{ n: number }>(sql`select count(*) n from __drizzle_migrations`)?.n ?? 0
}
