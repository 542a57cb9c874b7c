import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openInstallation } from '~/db/installation'
import { openDb } from '~/db/open'
import { openProviderTokens } from '~/db/provider-tokens'
import { auditEntries, installation, launchAttempts, machines, sessions } from '~/db/schema'
import { createSession } from '~/db/sessions'
import { createTerminalLink, lookAtLink } from '~/db/sign-in-links'
import { beat } from '~/db/workers'
import { SOMEWHERE } from '../support/actors'
import {
  addMachine,
  backup,
  filesIn,
  installationWithSave,
  restore,
  runBackup,
  runMigrate,
  runRestore,
  statusesOf,
  TOKEN,
} from './site'

test('a backup is for its owner’s eyes, holds no key unless asked, and then in a file of its own', async () => {
  const { dataDir, folder } = installationWithSave()
  const [tar, keys] = [join(folder, 'one.tar'), join(folder, 'apart/keys')]
  const plain = await runBackup(dataDir, ['--to', tar])
  expect(plain).toMatchObject({ ended: 0, stderr: '' })
  expect(plain.stdout).toContain('The token keys are not in it')
  const key = readFileSync(join(dataDir, 'token-keys'), 'utf8').trim()
  expect(readFileSync(tar).includes(key)).toBe(false)
  expect(readFileSync(tar).includes(Buffer.from(key, 'base64'))).toBe(false)
  const asked = await runBackup(dataDir, ['--to', join(folder, 'two.tar'), '--keys-to', keys])
  expect(asked).toMatchObject({ ended: 0, stderr: '' })
  expect(asked.stdout).not.toContain(key)
  expect(readFileSync(join(folder, 'two.tar')).includes(key)).toBe(false)
  expect(readFileSync(keys, 'utf8')).toBe(`${key}\n`)
  for (const file of [tar, keys]) expect(statSync(file).mode & 0o777).toBe(0o600)
  for (const args of [
    ['--to', tar],
    ['--to', join(folder, 'three.tar'), '--keys-to', keys],
  ])
    expect((await runBackup(dataDir, args)).stderr).toMatch(/is there already. Choose another name/)
  expect(existsSync(join(folder, 'three.tar'))).toBe(false)
})

test('fault 103: restored on an empty folder nothing is launched again, the token opens, and the save is there', async () => {
  const site = installationWithSave()
  const { db, dataDir, folder, clock, admin, save } = site
  const [tar, keys, elsewhere] = [join(folder, 'one.tar'), join(folder, 'keys'), join(folder, 'elsewhere')]
  for (const status of ['queued', 'starting', 'running', 'stopping', 'failed'] as const)
    addMachine(site, status)
  createSession(db, { userId: admin.id, from: SOMEWHERE }, clock)
  const link = createTerminalLink(db, clock)
  await runBackup(dataDir, ['--to', tar, '--keys-to', keys])
  expect(await runRestore(elsewhere, [tar, '--keys', keys])).toMatchObject({ ended: 0, stderr: '' })
  expect(await runMigrate(elsewhere)).toEqual({ ended: 0, stdout: '', stderr: '' })

  const restored = openDb(join(elsewhere, 'slipway.db'))
  const over = ['failed', 0]
  expect(statusesOf({ db: restored })).toMatchObject({
    queued: over,
    starting: over,
    running: over,
    stopping: ['stopped', 0],
  })
  const classes = restored
    .select()
    .from(launchAttempts)
    .all()
    .filter(({ errorClass }) => errorClass === 'restored')
  expect(classes).toHaveLength(3)
  expect(classes[0]?.errorMessage).toContain('restored from a backup')
  expect(restored.select().from(sessions).all()).toEqual([])
  expect(lookAtLink(restored, link, undefined, clock)).toEqual({ state: 'gone' })
  expect(restored.select().from(installation).get()?.id).not.toBe(site.installation.id)
  expect(restored.select().from(auditEntries).all().at(-1)?.action).toBe('backup_restored')
  const opened = openInstallation(restored, { tokenKeys: undefined, dataDir: elsewhere }, clock)
  expect(openProviderTokens(restored, opened, admin.id)).toMatchObject([{ value: TOKEN }])
  expect(readFileSync(save.path.replace(dataDir, elsewhere))).toEqual(readFileSync(save.path))
  expect(statSync(join(elsewhere, 'slipway.db')).mode & 0o777).toBe(0o600)
  restored.$client.close()
})

test('keys that can’t be copied end a backup before its long part, and leave neither file', async () => {
  const { dataDir, folder } = installationWithSave()
  writeFileSync(join(dataDir, 'token-keys'), `${Buffer.alloc(32, 7).toString('base64')}\n`)
  const [tar, keys] = [join(folder, 'one.tar'), join(folder, 'new/keys')]
  const run = await runBackup(dataDir, ['--to', tar, '--keys-to', keys])
  expect(run).toMatchObject({ ended: 1, stderr: expect.stringContaining("don't open this database") })
  expect(run.stdout).not.toContain('Packing')
  expect([tar, keys].filter((file) => existsSync(file))).toEqual([])
})

test('the file with the sizes of machines may come with the restore', async () => {
  const { dataDir, folder } = installationWithSave()
  const [tar, elsewhere] = [join(folder, 'one.tar'), join(folder, 'elsewhere')]
  const env = { MACHINES_CONFIG: join(elsewhere, 'machines.json') }
  await backup(dataDir, tar)
  const restored = await runRestore(elsewhere, [tar, '--keys', join(dataDir, 'token-keys')], { env })
  expect(restored).toMatchObject({ ended: 0, stderr: '' })
  // As if it had been cut off before the new file had its name.
  mkdirSync(join(elsewhere, 'restore.part'))
  renameSync(env.MACHINES_CONFIG, join(elsewhere, 'restore.part/machines.json'))
  writeFileSync(join(elsewhere, 'restore.part/ready'), 'replaced-then')
  expect(await runMigrate(elsewhere, { env })).toMatchObject({ ended: 0, stderr: '' })
})

test('without the keys a restored database doesn’t start, and says by name what is missing', async () => {
  const { dataDir, folder } = installationWithSave()
  const elsewhere = join(folder, 'elsewhere')
  await backup(dataDir, join(folder, 'one.tar'))
  expect(await restore(elsewhere, join(folder, 'one.tar'))).toContain(`The token keys are missing`)
  const refused = await runMigrate(elsewhere)
  expect(refused.ended).toBe(1)
  expect(refused.stderr).toContain(
    `${join(elsewhere, 'token-keys')} is gone. Put the file back from your backup`,
  )
  copyFileSync(join(dataDir, 'token-keys'), join(elsewhere, 'token-keys'))
  expect((await runMigrate(elsewhere)).ended).toBe(0)
})

test('keys of another installation are refused before anything is replaced', async () => {
  const { dataDir, folder } = installationWithSave()
  const [tar, elsewhere] = [join(folder, 'one.tar'), join(folder, 'elsewhere')]
  await backup(dataDir, tar)
  writeFileSync(join(folder, 'wrong'), `${Buffer.alloc(32, 7).toString('base64')}\n`)
  await expect(restore(elsewhere, tar, { keysFile: join(folder, 'wrong') })).rejects.toThrow(
    "These token keys don't open this database",
  )
  expect(filesIn(elsewhere)).toEqual({})
})

test('a Slipway that is there is kept unless --replace puts it aside, and the same one keeps its name', async () => {
  const site = installationWithSave()
  const { db, dataDir, folder, installation: before, save } = site
  const tar = join(folder, 'one.tar')
  await backup(dataDir, tar)
  addMachine(site, 'running')
  rmSync(save.path)
  const busy = await runRestore(dataDir, [tar, '--replace'])
  expect(busy).toMatchObject({ ended: 1, stderr: expect.stringContaining('A process still uses') })
  db.$client.close()
  await expect(restore(dataDir, tar)).rejects.toThrow('There is a Slipway already')
  const said = await restore(dataDir, tar, { replace: true })
  const aside = /is in (\S+replaced-\S+)\. Remove/.exec(said)?.[1] ?? ''
  const [old, now] = [openDb(join(aside, 'slipway.db')), openDb(join(dataDir, 'slipway.db'))]
  expect(
    old
      .select()
      .from(machines)
      .all()
      .map(({ name }) => name),
  ).toEqual(['stopped', 'running'])
  expect(
    now
      .select()
      .from(machines)
      .all()
      .map(({ name }) => name),
  ).toEqual(['stopped'])
  expect(now.select().from(installation).get()?.id).toBe(before.id)
  expect(existsSync(save.path)).toBe(true)
  for (const one of [old, now]) one.$client.close()
})

test('a Slipway whose worker was heard of just now is not replaced, wherever that worker runs', async () => {
  const { db, dataDir, folder, installation } = installationWithSave()
  const tar = join(folder, 'one.tar')
  await backup(dataDir, tar)
  const heardOf = (ago: number) => {
    const old = openDb(join(dataDir, 'slipway.db'))
    beat(
      old,
      { id: 'one', host: 'a', pid: 1, takesJobsAt: 0 },
      installation.keyring(),
      () => Date.now() - ago,
    )
    old.$client.close()
  }
  db.$client.close()
  heardOf(20_000)
  const before = filesIn(dataDir)
  const refused = restore(dataDir, tar, { replace: true })
  await expect(refused).rejects.toThrow(/A worker still uses .* Stop Slipway first/)
  expect(filesIn(dataDir)).toEqual(before)
  heardOf(31_000)
  expect(await restore(dataDir, tar, { replace: true })).toContain('Restored into')
})

test('a copy of the database alone is restored by the same rules, and the files that are there stay', async () => {
  const site = installationWithSave()
  const { db, dataDir, folder, save } = site
  addMachine(site, 'queued')
  const copy = join(folder, 'copy.db')
  await db.$client.backup(copy)
  db.$client.close()
  await restore(dataDir, copy, { replace: true })
  const now = openDb(join(dataDir, 'slipway.db'))
  expect(statusesOf({ db: now })).toMatchObject({ queued: ['failed', 0] })
  now.$client.close()
  expect(existsSync(save.path)).toBe(true)
})
