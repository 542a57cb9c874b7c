import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { expect, it, onTestFinished } from 'vitest'
import { openInstallation } from '~/db/installation'
import { openKeyring } from '~/db/key-file'
import { type Db, openDb } from '~/db/open'
import { openProviderTokens, tokenContext } from '~/db/provider-tokens'
import { migrateDb } from '~/db/schema-version'
import { seal } from '~/db/sealing'
import { hashSecret } from '~/db/secrets'
import { findSession } from '~/db/sessions'
import { listUsers, withdrawInvitation } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { testClock } from '../support/clock'
import { temporaryFolder } from '../support/temp-folder'

const TOKEN = 'hf_CANARYbefore0123456789'

/** Runs the first of the migrations alone, as the version that brought it did. */
function migrateToFirst(db: Db, folder: string): void {
  const migrations = join(folder, 'migrations')
  cpSync('db/migrations', migrations, { recursive: true })
  const file = join(migrations, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }))
  migrate(db, { migrationsFolder: migrations })
}

it('a database of the first version keeps its administrator, session, token and machine', () => {
  const folder = temporaryFolder()
  const db = openDb(join(folder.path, 'slipway.db'))
  onTestFinished(() => {
    db.$client.close()
    folder.remove()
  })
  migrateToFirst(db, folder.path)
  const clock = testClock()
  const now = clock()
  const settings = { tokenKeys: undefined, dataDir: folder.path }
  const ring = openKeyring(settings, true)()
  const canary = seal(
    ring,
    { purpose: 'canary', owner: ['installation'] },
    randomBytes(32).toString('base64'),
  )
  const sealed = seal(ring, tokenContext('u1', 'huggingface'), TOKEN)
  const insert = (sql: string, ...values: unknown[]) => db.$client.prepare(sql).run(...values)
  insert('insert into installation (id, canary, created_at) values (?, ?, ?)', 'i1', canary, now)
  insert("insert into users values ('u1', 'Administrator', 'admin', ?)", now - 1000)
  insert(
    "insert into sessions values ('s1', 'u1', ?, ?, ?, ?)",
    ...[hashSecret('session', 'CANARYsession'), now, now, now + 60_000],
  )
  insert("insert into provider_tokens values ('u1', 'huggingface', ?, 'hf_CAN', 'print', ?)", sealed, now)
  insert(
    "insert into machines values ('m1', 'u1', 'comfyui', 'One', null, 'w1', null, 'running', 1, 1, 1, 0, 0, ?, ?)",
    ...[now, now],
  )

  migrateDb(db)

  const [admin] = listUsers(db)
  expect(admin).toMatchObject({ id: 'u1', role: 'admin', signedInAt: now - 1000, disabledAt: null })
  expect(() => withdrawInvitation(db, 'u1', SOMEBODY, clock)).toThrow('has signed in already')
  expect(findSession(db, 'CANARYsession', clock)).toMatchObject({ id: 's1', user: { role: 'admin' } })
  const installation = openInstallation(db, settings, clock)
  expect(installation.id).toBe('i1')
  expect(openProviderTokens(db, installation, 'u1')).toMatchObject([{ value: TOKEN, check: null }])
  const keyIds = db.$client.prepare('select key_id from provider_tokens').pluck().all()
  expect(keyIds).toEqual([ring[0].id])
  expect(db.$client.prepare('select id, user_id, status from machines').all()).toEqual([
    { id: 'm1', user_id: 'u1', status: 'running' },
  ])
})
