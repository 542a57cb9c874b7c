import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { openDb } from '~/db/open'
import { bundled } from '../support/bundle'
import { startProgram } from '../support/start-program'
import { addMachine, addSave, backup, installationWithSave, restore, statusesOf } from './site'

test('a backup that is taken while others write holds one moment, whole', async () => {
  const { dataDir, folder, admin } = installationWithSave()
  const writer = await startProgram(await bundled('test/support/writing-process.ts'), {
    env: { PATH: process.env.PATH, WRITER: JSON.stringify({ dataDir, userId: admin.id, seed: 8 }) },
    readyLine: /wrote/,
  })
  onTestFinished(() => writer.signal('SIGKILL'))
  for (const n of [1, 2, 3]) {
    const [tar, elsewhere] = [join(folder, `${n}.tar`), join(folder, `elsewhere${n}`)]
    const before = writer.output.length
    await backup(dataDir, tar)
    await restore(elsewhere, tar, { keysFile: join(dataDir, 'token-keys') })
    const db = openDb(join(elsewhere, 'slipway.db'))
    expect(db.$client.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
    // Each machine with its attempt and its first event: they are written together.
    expect(
      db.get(sql`select
        (select count(*) from machines) - (select count(*) from launch_attempts) attempts,
        (select count(*) from machines) - (select count(*) from machine_events where text = 'Queued') events`),
    ).toEqual({ attempts: 0, events: 0 })
    expect(
      Object.values(statusesOf({ db })).filter(([status]) => !/^(stopped|failed)$/.test(String(status))),
    ).toEqual([])
    db.$client.close()
    expect(writer.output.length).toBeGreaterThan(before)
  }
})

test('a save that is gone from the disk is named, and the rest is backed up', async () => {
  const site = installationWithSave()
  const { dataDir, folder, save } = site
  const kept = addSave(site, Buffer.from('kept'))
  addMachine(site, 'stopped')
  rmSync(save.path)
  const said = await backup(dataDir, join(folder, 'one.tar'))
  expect(said).toContain(`${save.path.slice(dataDir.length + 1)} is not there`)
  const elsewhere = join(folder, 'elsewhere')
  await restore(elsewhere, join(folder, 'one.tar'))
  expect(existsSync(kept.path.replace(dataDir, elsewhere))).toBe(true)
  expect(existsSync(save.path.replace(dataDir, elsewhere))).toBe(false)
})
