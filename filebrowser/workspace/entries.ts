import { lstat, mkdir, stat } from 'node:fs/promises'
import { Refusal } from '../refusal'
import { relocate } from './relocate'
import { type MakeRoom, takeRoom } from './room'
import { measure } from './walk'
import { isInside, locate, resolveExisting, type Workspace } from './workspace'

export async function createFolder(workspace: Workspace, path: string): Promise<void> {
  await mkdir(await locate(workspace, path))
}

/** Renames or moves a file or folder; never onto something that is there. @throws Refusal `disk_full` on another disk */
export async function moveEntry(
  deps: { workspace: Workspace; makeRoom: MakeRoom },
  from: string,
  to: string,
): Promise<void> {
  const { workspace } = deps
  const [source, target] = [await locate(workspace, from), await locate(workspace, to)]
  await lstat(source)
  refuseIntoItself(source, target)
  await whileWriting(workspace, [source, target], () =>
    relocate(workspace, source, target, {
      beforeCopy: async () => takeRoom(await measure(source), target, deps),
    }),
  )
}

/** @returns the real path of a regular file; pipes and devices are refused, since reading one can hang */
export async function resolveFile(workspace: Workspace, path: string): Promise<string> {
  const file = await resolveExisting(workspace, path)
  if (!(await stat(file)).isFile()) throw new Refusal('not_a_file', 'Only files can be downloaded.')
  return file
}

/** @throws Refusal `busy` for what somebody is writing, for what it is written to, and for what is in it */
export function refuseWhileWriting(workspace: Workspace, path: string): void {
  for (const target of workspace.writing)
    if (isInside(path, target) || isInside(target, path) || `${target}.part` === path)
      throw new Refusal('busy', 'A download, an upload or a copy is still writing there. Cancel it first.')
}

/**
 * Keeps others from writing, moving and deleting what is worked on.
 * @param paths absolute
 * @throws Refusal `busy` for what somebody else holds
 */
export async function whileWriting<T>(
  workspace: Workspace,
  paths: string[],
  work: () => Promise<T>,
): Promise<T> {
  for (const path of paths) refuseWhileWriting(workspace, path)
  for (const path of paths) workspace.writing.add(path)
  try {
    return await work()
  } finally {
    for (const path of paths) workspace.writing.delete(path)
  }
}

/** @throws Refusal `bad_path` for a folder that would go into itself */
export function refuseIntoItself(source: string, target: string): void {
  if (source !== target && isInside(source, target))
    throw new Refusal('bad_path', 'A folder can’t go into itself.')
}
