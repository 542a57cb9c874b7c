import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { expect, it, onTestFinished } from 'vitest'
import { countFailedLaunches, listFailedLaunches } from '~/db/failed-launches'
import { openInstallation } from '~/db/installation'
import { withdrawInvitation } from '~/db/invitations'
import { openKeyring } from '~/db/key-file'
import { type Db, openDb } from '~/db/open'
import { openProviderTokens, tokenContext } from '~/db/provider-tokens'
import { migrateDb } from '~/db/schema-version'
import { seal } from '~/db/sealing'
import { hashSecret } from '~/db/secrets'
import { findSession } from '~/db/sessions'
import { listUsers } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { testClock } from '../support/clock'
import { temporaryFolder } from '../support/temp-folder'

const TOKEN = 'hf_CANARYbefore0123456789'

/** Runs the first migrations alone, as the version that brought the last of them did. */
function migrateFirst(db: Db, folder: string, count: number): void {
  const migrations = join(folder, 'migrations')
  cpSync('db/migrations', migrations, { recursive: true })
  const file = join(migrations, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }))
  migrate(db, { migrationsFolder: migrations })
}

function emptyDatabase() {
  const folder = temporaryFolder()
  const db = openDb(join(folder.path, 'slipway.db'))
  onTestFinished(() => {
    db.$client.close()
    folder.remove()
  })
  return { folder, db }
}

it('a database of the first version keeps its administrator, session, token and machine', () => {
  const { folder, db } = emptyDatabase()
  migrateFirst(db, folder.path, 1)
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

it('machines that had failed are listed with why their last attempt did', () => {
  const { folder, db } = emptyDatabase()
  migrateFirst(db, folder.path, 9)
  db.$client.exec(`
    insert into users (id, name, role, created_at) values ('u1', 'Mo', 'member', 0);
    insert into machines (id, user_id, kind, name, workspace_id, status, attempt, tries, fence, lease_until, not_before, created_at, updated_at)
    select id, 'u1', 'comfyui', id, id, status, attempt, 1, 1, 0, 0, 0, attempt from (
      select 'once' id, 'failed' status, 1 attempt union all select 'twice', 'failed', 2
      union all select 'runs', 'running', 3 union all select 'untold', 'failed', 4
    );
    insert into launch_attempts (machine_id, attempt, started_at, error_class) values
      ('once', 1, 0, 'start_timeout'), ('twice', 1, 0, 'start_timeout'), ('twice', 2, 0, 'start_hung'),
      ('runs', 2, 0, 'start_timeout'), ('runs', 3, 0, null), ('untold', 4, 0, null);
  `)
  migrateDb(db)
  const classes = db.$client.prepare('select error_class from machines order by attempt').pluck().all()
  expect(classes).toEqual(['start_timeout', 'start_hung', null, 'internal'])
  expect(listFailedLaunches(db).map(({ machineId }) => machineId)).toEqual(['untold', 'twice', 'once'])
  expect(countFailedLaunches(db, { class: 'timeout' }).map(({ count }) => count)).toEqual([1, 1])
})

it('runs of machines so far are known from their timelines, without GPUs', () => {
  const { folder, db } = emptyDatabase()
  migrateFirst(db, folder.path, 10)
  db.$client.exec(`
    insert into users (id, name, role, created_at) values ('u1', 'Mo', 'member', 0);
    insert into machines (id, user_id, kind, name, workspace_id, status, attempt, tries, fence, lease_until, not_before, created_at, updated_at)
    select id, 'u1', 'comfyui', id, id, status, attempt, 1, 1, 0, 0, 0, at from (
      select 'never' id, 'failed' status, 1 attempt, 9 at union all select 'runs', 'running', 2, 40
      union all select 'ends', 'stopping', 1, 50 union all select 'ended', 'stopped', 1, 60
    );
    insert into launch_attempts (machine_id, attempt, started_at, ended_at) values
      ('never', 1, 0, 9), ('runs', 1, 1, 30), ('runs', 2, 31, 40), ('ends', 1, 2, 10), ('ended', 1, 3, 60);
    insert into machine_events (machine_id, at, text) values
      ('runs', 10, 'Running'), ('runs', 30, 'One of its services has ended.'),
      ('runs', 31, 'Queued again by an administrator (attempt 2)'), ('runs', 40, 'Running'),
      ('ends', 10, 'Running'), ('ends', 50, 'Stopping'),
      ('ended', 12, 'Running'), ('ended', 58, 'Stopping'), ('ended', 60, 'Stopped');
  `)
  migrateDb(db)
  const runs = db.$client
    .prepare(
      'select machine_id, attempt, gpus, requested_at, started_at, ended_at from machine_runs order by 1, 2',
    )
    .raw()
    .all()
  expect(runs).toEqual([
    ['ended', 1, 0, 3, 12, 60],
    ['ends', 1, 0, 2, 10, 50],
    ['runs', 1, 0, 1, 10, 30],
    ['runs', 2, 0, 31, 40, null],
  ])
})
