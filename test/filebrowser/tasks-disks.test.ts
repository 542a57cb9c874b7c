import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { TaskView } from '~/filebrowser/contract'
import { isPart } from '~/filebrowser/workspace/parts'
import { relocate } from '~/filebrowser/workspace/relocate'
import { openWorkspace } from '~/filebrowser/workspace/workspace'
import { noMount } from '../support/small-disk'
import { until } from '../support/until'
import { startFilebrowser } from './harness'
import { tusClient } from './tus-client'

/** A models folder that a rename can't reach: a disk of its own, or one that is bound there from the same disk. */
async function withOwnDisk(kind: 'tmpfs' | 'bind', freeBytes?: () => Promise<number>) {
  const workspace = await mkdtemp(join(tmpdir(), 'filebrowser-'))
  const elsewhere = await mkdtemp(join(tmpdir(), 'filebrowser-bound-'))
  const models = join(workspace, 'models')
  await mkdir(models)
  const mount = kind === 'bind' ? ['--bind', elsewhere] : ['-t', 'tmpfs', '-o', 'size=90m', 'slipway-test']
  execFileSync('mount', [...mount, models])
  onTestFinished(async () => {
    execFileSync('umount', ['-l', models])
    for (const folder of [workspace, elsewhere]) await rm(folder, { recursive: true, force: true })
  })
  const started = await startFilebrowser({ workspace, freeBytes })
  await mkdir(join(workspace, 'set'))
  await writeFile(join(workspace, 'set/a.txt'), 'aaa')
  const move = async (from: string, options: Parameters<typeof relocate>[3]) =>
    relocate(await openWorkspace(workspace), join(workspace, from), join(models, from), options)
  return { ...started, models, move }
}

test.skipIf(noMount)(
  'what another program writes into a folder that moves to another disk is not lost',
  async () => {
    const { move, workspace, filesOnDisk } = await withOwnDisk('tmpfs')
    const onBytes = () => writeFileSync(join(workspace, 'set/new.txt'), 'new')
    await move('set', { onBytes })
    expect(await filesOnDisk()).toEqual(['models/set/a.txt', 'set/new.txt'])
  },
)

test.skipIf(noMount)('what is appended to a file that moves to another disk is not lost', async () => {
  const { move, workspace, filesOnDisk } = await withOwnDisk('tmpfs')
  await writeFile(join(workspace, 'log.txt'), 'old')
  await move('log.txt', { onBytes: () => appendFileSync(join(workspace, 'log.txt'), 'new') })
  expect(await readFile(join(workspace, 'log.txt'), 'utf8')).toBe('oldnew')
  expect(await filesOnDisk()).toEqual(['log.txt', 'models/log.txt', 'set/a.txt'])
  await writeFile(join(workspace, 'still.txt'), 'old')
  await move('still.txt', {})
  expect(await filesOnDisk()).toEqual(['log.txt', 'models/log.txt', 'models/still.txt', 'set/a.txt'])
})

test.skipIf(noMount)('what a kill left of a move to another disk is removed by the next start', async () => {
  const { move, workspace, models } = await withOwnDisk('tmpfs')
  const killed = await mkdtemp(join(tmpdir(), 'filebrowser-killed-'))
  onTestFinished(() => rm(killed, { recursive: true }))
  await move('set', { onBytes: () => cpSync(workspace, killed, { recursive: true }) })
  expect((await readdir(join(killed, 'models'))).filter(isPart)).toHaveLength(1)
  const { filesOnDisk } = await startFilebrowser({ workspace: killed })
  expect(await filesOnDisk()).toEqual(['set/a.txt'])
  expect(await readdir(join(killed, 'models'))).not.toContain('set')
  expect(await readdir(models)).toContain('set')
})

test.skipIf(noMount)('what moves to another disk has to fit there', async () => {
  const { call, filesOnDisk } = await withOwnDisk('tmpfs', async () => 2)
  const refused = await call('POST', 'move', { from: 'set', to: 'models/set' })
  expect(refused.json.error.code).toBe('disk_full')
  await call('POST', 'tasks', { kind: 'move', paths: ['set'], folder: 'models' })
  await until('it is refused', async () => {
    const [task]: TaskView[] = (await call('GET', 'tasks')).json
    return task?.error?.code === 'disk_full'
  })
  expect(await filesOnDisk()).toEqual(['set/a.txt'])
  expect((await call('POST', 'move', { from: 'set', to: 'other' })).status).toBe(204)
})

for (const kind of ['tmpfs', 'bind'] as const) {
  test.skipIf(noMount)(
    `what is moved to another disk (${kind}) is there whole and has left its place`,
    async () => {
      const { call, filesOnDisk } = await withOwnDisk(kind)
      const { json } = await call('POST', 'tasks', { kind: 'move', paths: ['set'], folder: 'models/loras' })
      const task = await until('it has moved', async () => {
        const list: TaskView[] = (await call('GET', 'tasks')).json
        return list.find(({ id, state }) => id === json.id && state !== 'running')
      })
      expect(task).toMatchObject({ state: 'done', copied: 3, size: 3 })
      expect(await filesOnDisk()).toEqual(['models/loras/set/a.txt'])
      expect((await call('POST', 'move', { from: 'models/loras/set/a.txt', to: 'a.txt' })).status).toBe(204)
      expect(await filesOnDisk()).toEqual(['a.txt'])
    },
  )

  test.skipIf(noMount)(
    `what is deleted on another disk (${kind}) stays on it, is not copied, and comes back`,
    async () => {
      const { call, models, filesOnDisk, workspace } = await withOwnDisk(kind)
      await writeFile(join(models, 'loras/b.bin'), 'bb')
      const { ino } = await stat(join(models, 'loras/b.bin'))
      const { json } = await call('POST', 'trash', { paths: ['models/loras/b.bin', 'set'] })
      expect([...json.paths].sort()).toEqual(['models/loras/b.bin', 'set'])
      expect(await readdir(join(models, '.slipway/trash'))).toEqual([json.id])
      expect(await readdir(join(workspace, '.slipway/trash'))).toEqual([json.id])
      expect((await call('GET', 'trash')).json).toHaveLength(1)
      await call('POST', `trash/${json.id}/restore`)
      expect(await filesOnDisk()).toEqual(['models/loras/b.bin', 'set/a.txt'])
      expect((await stat(join(models, 'loras/b.bin'))).ino).toBe(ino)
      expect((await call('POST', 'trash', { paths: ['models'] })).json.error.code).toBe('busy')
    },
  )

  test.skipIf(noMount)(`an upload to another disk (${kind}) is kept there from its first byte`, async () => {
    const { origin, models, workspace } = await withOwnDisk(kind)
    const { create, send } = tusClient(origin)
    const { location } = await create({ folder: 'models/loras', name: 'u.bin', size: 4 })
    await send(location, 0, 'ab')
    expect(await readdir(join(models, '.slipway/uploads'))).toHaveLength(2)
    await send(location, 2, 'cd')
    expect(await readFile(join(models, 'loras/u.bin'), 'utf8')).toBe('abcd')
    expect(await readdir(join(workspace, '.slipway')).catch(() => [])).not.toContain('uploads')
  })
}

test.skipIf(noMount)(
  'an upload for which the disk became too full says so, and goes on when there is room',
  async () => {
    const { origin, models } = await withOwnDisk('tmpfs')
    const { create, send, offset } = tusClient(origin)
    const { location } = await create({ folder: 'models', name: 'u.bin', size: 4e6 })
    expect((await send(location, 0, Buffer.alloc(2e6, 1))).status).toBe(204)
    await writeFile(join(models, 'filler'), Buffer.alloc(26e6))
    expect((await send(location, 2e6, Buffer.alloc(2e6, 2))).status).toBe(507)
    expect(await offset(location)).toBe(2e6)
    await rm(join(models, 'filler'))
    expect((await send(location, 2e6, Buffer.alloc(2e6, 2))).status).toBe(204)
    const content = await readFile(join(models, 'u.bin'))
    expect([content.length, content[0], content.at(-1)]).toEqual([4e6, 1, 2])
  },
)
