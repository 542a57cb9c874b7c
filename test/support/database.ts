import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type Db, openDb } from '~/db/open'
import { migrateDb } from '~/db/schema-version'
import { temporaryFolder } from './temp-folder'

let migrated: ReturnType<typeof migrateOnce> | undefined
afterAll(() => migrated?.remove())

/** A migrated, empty database in the folder: a copy of one that is made once per test file. */
export function testDatabase(dataDir: string): Db {
  migrated ??= migrateOnce()
  mkdirSync(dataDir, { recursive: true })
  const file = join(dataDir, 'slipway.db')
  copyFileSync(migrated.file, file)
  return openDb(file)
}

function migrateOnce() {
  const folder = temporaryFolder()
  const file = join(folder.path, 'migrated.db')
  const db = openDb(file)
  migrateDb(db)
  db.$client.pragma('wal_checkpoint(TRUNCATE)')
  db.$client.close()
  return { file, remove: folder.remove }
}
