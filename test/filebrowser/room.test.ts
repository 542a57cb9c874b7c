import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { holdingRoom, roomFor } from '~/filebrowser/workspace/room'
import { openWorkspace } from '~/filebrowser/workspace/workspace'
import { noMount, smallDisk } from '../support/small-disk'
import { temporaryFolder } from '../support/temp-folder'

async function start() {
  const folder = temporaryFolder()
  onTestFinished(() => folder.remove())
  const workspace = await openWorkspace(folder.path)
  const room = (path: string) => roomFor(0, path, { workspace, makeRoom: async () => 100 })
  return { workspace, room, at: (path: string) => join(workspace.root, path) }
}

test.skipIf(noMount)('what is promised on one disk takes nothing from another', async () => {
  const { workspace, room, at } = await start()
  smallDisk(1)
  const other = temporaryFolder()
  workspace.promised.set(join(other.path, 'a'), 30)
  workspace.promised.set(at('models/loras/b'), 20)
  expect(await room(at('input/c'))).toBe(80)
  expect(await room(join(other.path, 'c'))).toBe(70)
})

test('what is promised in a folder that is gone counts, and one’s own promise does not', async () => {
  const { workspace, room, at } = await start()
  workspace.promised.set(at('gone/a'), 30)
  workspace.promised.set(at('input/b'), 20)
  expect(await room(at('input/b'))).toBe(70)
})

test('what is being written holds its room until it is there or given up, less what has been written', async () => {
  const { workspace, room, at } = await start()
  const deps = { workspace, makeRoom: async () => 100 }
  await holdingRoom(60, at('input'), deps, async (onWritten) => {
    expect(await room(at('models/a'))).toBe(40)
    await expect(holdingRoom(60, at('output'), deps, async () => {})).rejects.toThrow('Delete something')
    onWritten(50)
    expect(await room(at('models/a'))).toBe(90)
  })
  await expect(holdingRoom(60, at('input'), deps, () => Promise.reject(new Error('x')))).rejects.toThrow('x')
  expect(workspace.promised.size).toBe(0)
})
