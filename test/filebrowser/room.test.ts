import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { roomFor } from '~/filebrowser/workspace/room'
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
