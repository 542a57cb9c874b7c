import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { expect, onTestFinished, test } from 'vitest'
import { createBackup } from '~/backup/create'
import { openDb } from '~/db/open'
import { schemaVersions } from '~/db/schema-version'
import { upgradeDb } from '~/db/upgrade'
import { testClock } from '../support/clock'
import { temporaryFolder } from '../support/temp-folder'

/** A database as the version before left it. */
function databaseOfBefore() {
  const folder = temporaryFolder()
  const dataDir = folder.path
  const db = openDb(join(dataDir, 'slipway.db'))
  onTestFinished(() => {
    db.$client.close()
    folder.remove()
  })
  const migrations = join(dataDir, 'migrations')
  cpSync('db/migrations', migrations, { recursive: true })
  const file = join(migrations, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, -1) }))
  migrate(db, { migrationsFolder: migrations })
  const clock = testClock()
  const said: string[] = []
  const upgrade = () => upgradeDb({ db, dataDir, clock, say: (line) => said.push(line) })
  return { db, dataDir, clock, said, upgrade, backups: join(dataDir, 'backups') }
}

test('an upgrade copies the database as it was, says where, and does it once', async () => {
  const { db, backups, said, upgrade } = databaseOfBefore()
  const { applied, known } = schemaVersions(db)
  expect(applied).toBe(known - 1)
  await upgrade()
  await upgrade()
  expect(schemaVersions(db).applied).toBe(known)
  const [name = '', ...others] = readdirSync(backups)
  expect(others).toEqual([])
  expect(name).toMatch(new RegExp(`^before-${known}-\\d{8}T\\d{9}Z\\.db$`))
  expect(said).toEqual([`Upgrading the database; as it was it is kept in ${join(backups, name)}`])
  expect(statSync(join(backups, name)).mode & 0o777).toBe(0o600)
  const copy = openDb(join(backups, name))
  expect(schemaVersions(copy).applied).toBe(applied)
  copy.$client.close()
})

test('a backup of a database that is not upgraded yet is taken, and neither is changed', async () => {
  const { db, dataDir } = databaseOfBefore()
  const { applied, known } = schemaVersions(db)
  db.run(sql`insert into installation (id, canary, created_at) values ('i1', 'sealed', 1)`)
  const deps = { db, dataDir, sizesFile: 'config/machines.json', version: '1.2.3', clock: Date.now }
  const copied: number[] = []
  const manifest = await createBackup(
    {
      ...deps,
      say: () => undefined,
      onProgress: () => undefined,
      onCopied: (copy) => copied.push(schemaVersions(copy).applied),
    },
    join(dataDir, 'one.tar'),
  )
  expect(manifest).toMatchObject({ schema: applied, installation: 'i1' })
  expect(copied).toEqual([known])
  expect(schemaVersions(db).applied).toBe(applied)
})

test('the newest three copies are kept, and nothing else is touched', async () => {
  const { backups, upgrade } = databaseOfBefore()
  mkdirSync(backups)
  const old = [
    'before-9-20260101T000000000Z.db',
    'before-10-20250101T000000000Z.db',
    'before-8-20260301T000000000Z.db',
  ]
  for (const name of [
    ...old,
    'slipway-x.tar',
    'before-mine.db',
    'upgrade.part-killed',
    'upgrade.part-at-work',
  ])
    writeFileSync(join(backups, name), 'x')
  utimesSync(join(backups, 'upgrade.part-killed'), 0, 0)
  await upgrade()
  const left = readdirSync(backups)
  expect(left.filter((name) => /^before-\d/.test(name))).toHaveLength(3)
  expect(left).toEqual(expect.arrayContaining(['slipway-x.tar', 'before-mine.db', old[0], old[2]]))
  expect(left).not.toContain(old[1])
  expect(left.filter((name) => name.startsWith('upgrade.part'))).toEqual(['upgrade.part-at-work'])
})

test('without the copy nothing is upgraded, and an empty database needs none', async () => {
  const { db, backups, upgrade } = databaseOfBefore()
  writeFileSync(backups, 'a file where the folder should be')
  const before = schemaVersions(db)
  await expect(upgrade()).rejects.toThrow('EEXIST')
  expect(schemaVersions(db)).toEqual(before)
  rmSync(backups)
  const empty = openDb(join(backups, '../empty.db'))
  await upgradeDb({ db: empty, dataDir: join(backups, '..'), clock: Date.now, say: () => undefined })
  expect(schemaVersions(empty).applied).toBe(before.known)
  expect(readdirSync(join(backups, '..'))).not.toContain('backups')
  empty.$client.close()
})
