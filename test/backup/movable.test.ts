import { existsSync, lstatSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assertMovable } from '~/backup/restore/movable'
import { finishRestore } from '~/backup/restore/place'
import { backup, filesIn, installationWithSave, restore } from './site'

test('a restore over cloud saves that are a link elsewhere is refused with the cure, and changes nothing', async () => {
  const { db, dataDir, folder, save } = installationWithSave()
  const tar = join(folder, 'one.tar')
  await backup(dataDir, tar)
  db.$client.close()
  renameSync(join(dataDir, 'saves'), join(folder, 'other-disk'))
  symlinkSync(join(folder, 'other-disk'), join(dataDir, 'saves'))
  const before = Object.keys(filesIn(folder))
  await expect(restore(dataDir, tar, { replace: true })).rejects.toThrow('saves is a link to a folder')
  expect(Object.keys(filesIn(folder))).toEqual(before)
  expect(lstatSync(join(dataDir, 'saves')).isSymbolicLink()).toBe(true)
  expect(existsSync(save.path)).toBe(true)
  expect(finishRestore(dataDir)).toBe(false)
  expect(existsSync(join(dataDir, 'restore.part'))).toBe(false)
})

test('a mount point can’t be put aside, not even one of the same disk', () => {
  const { dataDir } = installationWithSave()
  const folder = join(dataDir, 'with blank')
  mkdirSync(join(folder, 'saves'), { recursive: true })
  writeFileSync(join(folder, 'token-keys'), '')
  const names = ['saves', 'results', 'token-keys']
  const mounted = (name: string) =>
    `30 27 8:1 /one ${join(folder, name).replaceAll(' ', '\\040')} rw,relatime - ext4 /dev/sda1 rw\n`
  expect(() => assertMovable(folder, names, mounted('results') + mounted('workspaces'))).not.toThrow()
  expect(() => assertMovable(folder, names, mounted('saves'))).toThrow('saves is mounted from elsewhere')
  expect(() => assertMovable(folder, names, mounted('token-keys'))).toThrow('token-keys is mounted')
})
