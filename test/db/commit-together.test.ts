import Database from 'better-sqlite3'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { together } from '~/db/commit-together'
import type { Tx } from '~/db/open'
import { testInstallation } from '../support/installation'
import { walCommits } from '../support/wal-commits'

function table() {
  const { db, dataDir } = testInstallation()
  db.run(sql`create table noted (n integer)`)
  const note = (n: number) => (tx: Tx) => tx.run(sql`insert into noted values (${n})`).changes
  const noted = () => db.all<{ n: number }>(sql`select n from noted order by n`).map(({ n }) => n)
  return { db, dataDir, note, noted }
}

test('writes that are asked for together are one durable transaction, and each hears of its own', async () => {
  const { db, note, noted } = table()
  const before = walCommits(db)
  expect(await Promise.all([1, 2, 3].map((n) => together(db, note(n))))).toEqual([1, 1, 1])
  expect(walCommits(db) - before).toBe(1)
  expect(noted()).toEqual([1, 2, 3])
})

test('one that throws takes back all of itself, and nothing of the others', async () => {
  const { db, note, noted } = table()
  const failing = together(db, (tx) => {
    note(2)(tx)
    throw new Error('not this one')
  })
  const done = await Promise.allSettled([together(db, note(1)), failing, together(db, note(3))])
  expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(noted()).toEqual([1, 3])
})

test('none is told that it is durable when the database is locked', async () => {
  const { db, dataDir, note, noted } = table()
  db.$client.pragma('busy_timeout = 10')
  const other = new Database(`${dataDir}/slipway.db`)
  other.exec('begin immediate')
  const done = await Promise.allSettled([1, 2].map((n) => together(db, note(n))))
  expect(done.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  other.exec('rollback')
  other.close()
  expect(noted()).toEqual([])
  await together(db, note(3))
  expect(noted()).toEqual([3])
})
