import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '../../../db/ids'
import type { Workspaces } from '../runtime'
import { freeBytes } from './free-bytes'
import { packFolder } from './pack'
import { syncFolder, unpack } from './unpack'
import { survey } from './walk'

/** Where a machine's files lie on the host, for every runtime that keeps them there. */
export const workspaceFolder = (dataDir: string, workspaceId: string) =>
  join(dataDir, 'workspaces', workspaceId)

/** What a restore works in until it is whole: `<workspace>.<random>.part`. */
const PART = /^([a-z0-9]+)\.[a-z0-9]+\.part$/

/** Workspaces that are folders of the host. */
export function workspacesIn(dataDir: string): Workspaces {
  const parent = join(dataDir, 'workspaces')
  const folderOf = (workspaceId: string) => workspaceFolder(dataDir, workspaceId)

  const exists: Workspaces['exists'] = (workspaceId) =>
    stat(folderOf(workspaceId)).then(
      () => true,
      () => false,
    )

  async function removeParts(isOver: (workspaceId: string) => boolean): Promise<void> {
    for (const name of await readdir(parent).catch(() => [])) {
      const [, workspaceId] = PART.exec(name) ?? []
      if (workspaceId && isOver(workspaceId)) await rm(join(parent, name), { recursive: true, force: true })
    }
  }

  return {
    exists,
    async freeBytes() {
      await mkdir(parent, { recursive: true, mode: 0o700 })
      return freeBytes(parent)
    },
    measure: async (workspaceId) => (await survey(folderOf(workspaceId))).bytes,
    save: (workspaceId, plan, signal) => packFolder(folderOf(workspaceId), plan, signal),

    async restore(workspaceId, tar, stillMine, signal) {
      await removeParts((other) => other === workspaceId)
      const part = join(parent, `${workspaceId}.${newId()}.part`)
      await mkdir(part, { recursive: true, mode: 0o700 })
      try {
        await unpack(part, tar, signal)
        await syncFolder(part)
        signal.throwIfAborted()
        if (!stillMine()) throw new Error('Another worker took over before the workspace was there.')
        if (await exists(workspaceId)) return
        await rename(part, folderOf(workspaceId))
        const folder = await open(parent, 'r')
        await folder.sync().finally(() => folder.close())
      } finally {
        await rm(part, { recursive: true, force: true })
      }
    },

    tidy: (isNeeded) => removeParts((workspaceId) => !isNeeded(workspaceId)),
  }
}
