import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { copyTree } from '../workspace/copy-tree'
import { partPath } from '../workspace/parts'
import { syncFolder } from '../workspace/place'
import { withPart } from '../workspace/with-part'
import type { Workspace } from '../workspace/workspace'

/** In one step, whatever file or link is there. */
export async function replace(workspace: Workspace, from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    const part = partPath(dirname(to), randomUUID())
    await withPart(workspace, part, async () => {
      await copyTree(from, part, { moves: true })
      await rename(part, to)
    })
    await rm(from)
  }
  await syncFolder(dirname(to))
}
