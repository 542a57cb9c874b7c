import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isDiskFull } from '../refusal'
import { isPart } from './parts'
import { removeTree } from './remove-tree'
import { statePath } from './reserved'
import { relativePath, resolveExisting, type Workspace } from './workspace'

/*
 * Where something is half written that nobody goes on with, so that the next start removes what a kill left of it: a
 * note for each, called as the part is, that holds its folder. Parts of downloads have none, since they are kept.
 */

const noteOf = ({ root }: Workspace, part: string) => join(statePath(root, 'parts'), basename(part))

/**
 * Does what makes a part and gives it its name, or leaves it: then it is removed.
 * @param part absolute path, from `partPath`
 */
export async function withPart<T>(workspace: Workspace, part: string, work: () => Promise<T>): Promise<T> {
  await note(workspace, part)
  try {
    return await work()
  } finally {
    // What can't be removed now the next start tries again.
    await removeTree(part)
      .then(() => rm(noteOf(workspace, part), { force: true }))
      .catch(() => {})
  }
}

async function note(workspace: Workspace, part: string) {
  try {
    await mkdir(statePath(workspace.root, 'parts'), { recursive: true })
    await writeFile(noteOf(workspace, part), relativePath(workspace, dirname(part)))
  } catch (error) {
    // Moving something to another disk is how room is made.
    if (!isDiskFull(error)) throw error
  }
}

/** For the start, before anything is written. @param onFault told of each that can't be removed */
export async function removeParts(workspace: Workspace, onFault: (error: unknown) => void): Promise<void> {
  const names = await readdir(statePath(workspace.root, 'parts')).catch(() => [])
  for (const name of names.filter(isPart)) await removeNoted(workspace, name).catch(onFault)
}

async function removeNoted(workspace: Workspace, name: string) {
  const path = join(statePath(workspace.root, 'parts'), name)
  const folder = await resolveExisting(workspace, await readFile(path, 'utf8')).catch(() => null)
  if (folder !== null) await removeTree(join(folder, name))
  await rm(path, { force: true })
}
