import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { expect, onTestFinished, test } from 'vitest'
import { openDb } from '~/db/open'
import { assertMigrated, migrateDb } from '~/db/schema-version'
import { bundled } from '../support/bundle'
import { testInstallation } from '../support/installation'
import { race } from '../support/race'
import { startProgram } from '../support/start-program'
import { temporaryFolder } from '../support/temp-folder'

/** Longer than a statement waits for another writer. */
const LOCKED_FOR_MS = 3000
const MIGRATIONS = readMigrationFiles({ migrationsFolder: 'db/migrations' })
/** The table of versions, and then each migration and its mark. */
const STATEMENTS = 1 + MIGRATIONS.reduce((count, { sql: statements }) => count + statements.length + 1, 0)

function emptyDatabase() {
  const folder = temporaryFolder()
  const dataDir = join(folder.path, 'data')
  mkdirSync(dataDir)
  const db = openDb(join(dataDir, 'slipway.db'))
  onTestFinished(() => {
    db.$client.close()
    folder.remove()
  })
  return { db, dataDir }
}

test('fault 45: of four processes that migrate at once one does it, and the others wait for as long as it takes', async () => {
  const { db, dataDir } = emptyDatabase()
  // As one whose migration takes long.
  db.$client.exec('begin immediate')
  const racing = race<{ id: string }>(dataDir, 'install')
  await pause(LOCKED_FOR_MS)
  db.$client.exec('commit')
  const outcomes = await racing
  expect(outcomes.map(({ refused }) => refused)).toEqual(Array(4).fill(undefined))
  expect(new Set(outcomes.map(({ result }) => result?.id)).size).toBe(1)
  expect(db.get(sql`select count(*) n from __drizzle_migrations`)).toEqual({ n: MIGRATIONS.length })
})

test.each([
  ['at its first statement', 1],
  ['in the middle', Math.floor(STATEMENTS / 2)],
  ['at its last statement', STATEMENTS],
])(
  'fault 45: a migration that is killed %s changed nothing, and the next start completes it',
  async (_when, statement) => {
    const { db, dataDir } = emptyDatabase()
    const doomed = await startProgram(await bundled('test/support/migrating-process.ts'), {
      env: { PATH: process.env.PATH, DATA_DIR: dataDir, KILLED_AT: String(statement) },
      readyLine: /^migrating$/,
    })
    expect(await doomed.ended).toBe('SIGKILL')
    expect(db.all(sql`select name from sqlite_master`)).toEqual([])
    migrateDb(db)
    assertMigrated(db)
    expect(db.$client.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
  },
)

test.each([
  ['worker', 'worker/index.ts'],
  ['web', 'app/server/index.ts'],
])('fault 46: an old %s refuses a newer database, and says what to do', async (_name, program) => {
  const { db, dataDir } = testInstallation()
  db.run(
    sql`insert into __drizzle_migrations (hash, created_at) values ('of the next version', ${Date.now()})`,
  )
  const started = startProgram(await bundled(program), {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      DATA_DIR: dataDir,
      REDIS_URL: 'redis://127.0.0.1:1',
    },
    readyLine: /ready/,
  })
  await expect(started).rejects.toThrow(
    '(1):\nThis database was made by a newer Slipway. Start that version, or restore a backup.',
  )
})
