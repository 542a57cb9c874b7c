import { cpSync, existsSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finishRestore } from '~/backup/restore/place'
import { openDb } from '~/db/open'
import { machines } from '~/db/schema'
import { addMachine, backup, installationWithSave, restore, runBackup, runRestore } from './site'

const namesIn = (dataDir: string) => {
  const db = openDb(join(dataDir, 'slipway.db'))
  const names = db
    .select()
    .from(machines)
    .all()
    .map(({ name }) => name)
  db.$client.close()
  return names
}

test('a backup that is killed at any step leaves none that looks whole, and one on a later day clears up after it', async () => {
  const { dataDir, folder } = installationWithSave()
  const to = join(folder, 'backups')
  let ended: string | number | null = 'SIGKILL'
  for (let killedAt = 5; ended === 'SIGKILL'; killedAt += 9) {
    ended = (await runBackup(dataDir, ['--to', `${to}/`], { killedAt })).ended
    const names = existsSync(to) ? readdirSync(to).filter((name) => !name.startsWith('.')) : []
    for (const name of names) {
      await restore(join(folder, 'elsewhere'), join(to, name))
      rmSync(join(folder, 'elsewhere'), { recursive: true })
      rmSync(join(to, name))
    }
    if (ended === 0) expect(names).toHaveLength(1)
  }
  const drafts = readdirSync(to, { recursive: true, encoding: 'utf8' })
  expect(drafts).not.toEqual([])
  // Another run may be at work on one that is young.
  await backup(dataDir, join(to, 'one.tar'))
  expect(readdirSync(to, { recursive: true })).toEqual(expect.arrayContaining(drafts))
  for (const name of drafts) utimesSync(join(to, name), 0, 0)
  await backup(dataDir, join(to, 'two.tar'))
  expect(readdirSync(to).sort()).toEqual(['one.tar', 'two.tar'])
})

test('a restore that is killed at any step left everything as it was, or is finished by the next start', async () => {
  const site = installationWithSave()
  const { db, dataDir, folder, save } = site
  const tar = join(folder, 'one.tar')
  await backup(dataDir, tar)
  addMachine(site, 'running')
  db.$client.close()
  const [original, outcomes] = [join(folder, 'original'), new Set<string>()]
  cpSync(dataDir, original, { recursive: true })
  let ended: string | number | null = 'SIGKILL'
  for (let killedAt = 6; ended === 'SIGKILL'; killedAt += 7) {
    rmSync(dataDir, { recursive: true })
    cpSync(original, dataDir, { recursive: true })
    const run = await runRestore(dataDir, [tar, '--replace'], { killedAt })
    ended = run.ended
    const wasReady = finishRestore(dataDir)
    expect(existsSync(save.path)).toBe(true)
    const aside = readdirSync(dataDir).find((name) => name.startsWith('replaced-'))
    outcomes.add(`${ended}, ${wasReady ? 'finished' : aside ? 'new' : 'old'}`)
    if (wasReady || ended === 0) expect(aside).toBeDefined()
    expect(namesIn(dataDir)).toEqual(aside ? ['stopped'] : ['stopped', 'running'])
    if (aside) expect(namesIn(join(dataDir, aside))).toEqual(['stopped', 'running'])
  }
  expect([...outcomes]).toEqual(expect.arrayContaining(['SIGKILL, old', 'SIGKILL, finished', '0, new']))
  await expect(restore(dataDir, tar)).rejects.toThrow('There is a Slipway already')
  expect(readdirSync(dataDir)).not.toContain('restore.part')
})
