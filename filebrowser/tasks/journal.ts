import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { partPath } from '../workspace/parts'
import { statePath } from '../workspace/reserved'
import { resolveExisting, type Workspace } from '../workspace/workspace'

/*
 * Where copies are under way, so that the next start removes what a kill left of them: a file for each task, called by
 * its id, that holds the folder.
 */

export async function noteTask({ root }: Workspace, id: string, folder: string): Promise<void> {
  await mkdir(statePath(root, 'tasks'), { recursive: true })
  await writeFile(join(statePath(root, 'tasks'), id), folder)
}

export const forgetTask = ({ root }: Workspace, id: string): Promise<void> =>
  rm(join(statePath(root, 'tasks'), id), { force: true })

/** For the start, before the first task. */
export async function removeHalfCopies(workspace: Workspace): Promise<void> {
  const notes = statePath(workspace.root, 'tasks')
  for (const id of await readdir(notes).catch(() => [])) {
    const folder = await resolveExisting(workspace, await readFile(join(notes, id), 'utf8')).catch(() => null)
    if (folder) await rm(partPath(folder, id), { recursive: true, force: true })
    await forgetTask(workspace, id)
  }
}
