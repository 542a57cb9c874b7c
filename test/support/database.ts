import { copyFileSync, mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type Db, openDb } from '~/db/open'
import { migrateDb } from '~/db/schema-version'

let migrated: string | undefined

/** A migrated, empty database in the folder: a copy of one that is made once. */
export function testDatabase(dataDir: string): Db {
  migrated ??= migrateOnce()
  mkdirSync(dataDir, { recursive: true })
  const file = join(dataDir, 'slipway.db')
  copyFileSync(migrated, file)
  return openDb(file)
}

function migrateOnce(): string {
  const file = join(mkdtempSync(join(inject('runFolder'), 'database-')), 'migrated.db')
  const db = openDb(file)
  migrateDb(db)
  db.$client.pragma('wal_checkpoint(TRUNCATE)')
  db.$client.close()
  return file
}
