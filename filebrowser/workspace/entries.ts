import { cp, lstat, mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntryView, FolderView } from '../contract'
import { Refusal } from '../refusal'
import { locate, requireFree, resolveExisting, type Workspace } from './workspace'

/** Folders first, then by name as a person counts (`step2` before `step10`). */
export async function listFolder(workspace: Workspace, path: string): Promise<FolderView> {
  const folder = await resolveExisting(workspace, path)
  const names = await readdir(folder)
  const entries = await Promise.all(names.map((name) => describe(workspace, join(folder, name), name)))
  const present = entries.filter((entry) => !!entry).sort(compareEntries)
  const { bavail, blocks, bsize } = await statfs(folder)
  const space = { free: bavail * bsize, total: blocks * bsize }
  return { path, entries: present, offset: 0, total: present.length, space }
}

export async function createFolder(workspace: Workspace, path: string): Promise<void> {
  await mkdir(await locate(workspace, path))
}

/** Renames or moves a file or folder; never onto something that is there. */
export async function moveEntry(workspace: Workspace, from: string, to: string): Promise<void> {
  const [source, target] = [await locate(workspace, from), await locate(workspace, to)]
  await lstat(source)
  await requireFree(target)
  refuseWhileWriting(workspace, source)
  try {
    await rename(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await moveAcross(workspace, source, target)
  }
}

/** The models folder can be a file system of its own. What is moved is there whole before it leaves the old place. */
async function moveAcross(workspace: Workspace, source: string, target: string): Promise<void> {
  const part = `${target}.part`
  workspace.writing.add(target).add(source)
  try {
    await cp(source, part, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    await rename(part, target)
    await rm(source, { recursive: true })
  } finally {
    await rm(part, { recursive: true, force: true })
    workspace.writing.delete(target)
    workspace.writing.delete(source)
  }
}

/** Deletes a file, or a folder with all that is in it. A link goes, what it points to stays. */
export async function deleteEntry(workspace: Workspace, path: string): Promise<void> {
  const target = await locate(workspace, path)
  refuseWhileWriting(workspace, target)
  await rm(target, { recursive: true })
}

/** @returns the real path of a regular file; pipes and devices are refused, since reading one can hang */
export async function resolveFile(workspace: Workspace, path: string): Promise<string> {
  const file = await resolveExisting(workspace, path)
  if (!(await stat(file)).isFile()) throw new Refusal('not_a_file', 'Only files can be downloaded.')
  return file
}

function refuseWhileWriting(workspace: Workspace, path: string) {
  for (const target of workspace.writing)
    if (target === path || `${target}.part` === path || target.startsWith(`${path}/`))
      throw new Refusal('busy', 'A download or an upload is still writing there. Cancel it first.')
}

async function describe(workspace: Workspace, path: string, name: string): Promise<EntryView | undefined> {
  // Gone between the listing and the look at it: not there.
  const own = await lstat(path).catch(() => undefined)
  if (!own) return undefined
  const modifiedAt = own.mtime.toISOString()
  if (!own.isSymbolicLink()) return { name, ...shape(own), modifiedAt }
  const relative = path.slice(workspace.root.length + 1)
  const target = await resolveExisting(workspace, relative)
    .then((found) => stat(found))
    .catch(() => undefined)
  return { name, ...(target ? shape(target) : { kind: 'link', size: null }), modifiedAt }
}

function shape(stats: { isDirectory(): boolean; size: number }): Pick<EntryView, 'kind' | 'size'> {
  return stats.isDirectory() ? { kind: 'folder', size: null } : { kind: 'file', size: stats.size }
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

function compareEntries(a: EntryView, b: EntryView): number {
  const folders = Number(b.kind === 'folder') - Number(a.kind === 'folder')
  return folders || byName.compare(a.name, b.name)
}
