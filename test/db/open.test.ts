import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDb } from '~/db/open'
import { temporaryFolder } from '../support/temp-folder'

/** Another process that writes into a database which isn't in WAL mode yet, for 300 ms from when it says so. */
const WRITER = `
  const db = new (require('better-sqlite3'))(process.argv[1])
  db.exec('create table other (x); begin immediate; insert into other values (1)')
  setTimeout(() => db.exec('commit'), 300)
  console.log('writing')
`

test('a fresh database is opened while another process writes its first page', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const file = join(folder.path, 'slipway.db')
  const other = spawn(process.execPath, ['-e', WRITER, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(other.stdout, 'data')
  const db = openDb(file)
  onTestFinished(() => void db.$client.close())
  expect(db.$client.pragma('journal_mode', { simple: true })).toBe('wal')
  expect(db.$client.prepare('select x from other').pluck().all()).toEqual([1])
})
