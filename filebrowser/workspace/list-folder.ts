import type { Dirent } from 'node:fs'
import { readdir, statfs } from 'node:fs/promises'
import type { EntrySort, EntryView, FolderView, SpaceView } from '../contract'
import { mapBounded } from './concurrency'
import { describeEntry } from './describe'
import { isReserved } from './reserved'
import { resolveExisting, type Workspace } from './workspace'

export interface ListOptions {
  sort?: EntrySort
  descending?: boolean
  offset?: number
  limit?: number
}

/**
 * A part of a folder: folders first, names as a person counts (`step2` before `step10`). Sorted by name, only the
 * entries that were asked for are looked at, however many there are.
 */
export async function listFolder(
  workspace: Workspace,
  path: string,
  { sort = 'name', descending = false, offset = 0, limit = 1000 }: ListOptions = {},
): Promise<FolderView> {
  const folder = await resolveExisting(workspace, path)
  const dirents = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !isReserved(name))
  const describe = ({ name }: { name: string }) => describeEntry(workspace, folder, name)
  const space = await spaceOf(folder)
  const whole = { path, offset, total: dirents.length, space }

  if (sort === 'name') {
    const links = await mapBounded(
      dirents.filter((dirent) => dirent.isSymbolicLink()),
      describe,
    )
    const linked = new Set(links.flatMap((link) => (link?.kind === 'folder' ? [link.name] : [])))
    const isFolder = (dirent: Dirent) => dirent.isDirectory() || linked.has(dirent.name)
    const sorted = order(dirents, isFolder, compareNames, descending)
    return { ...whole, entries: present(await mapBounded(sorted.slice(offset, offset + limit), describe)) }
  }
  const entries = present(await mapBounded(dirents, describe))
  const sorted = order(entries, ({ kind }) => kind === 'folder', COMPARE[sort], descending)
  return { ...whole, total: sorted.length, entries: sorted.slice(offset, offset + limit) }
}

/** @param folder absolute path */
export async function spaceOf(folder: string): Promise<SpaceView> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { free: bavail * bsize, total: blocks * bsize }
}

const present = (entries: (EntryView | undefined)[]) => entries.filter((entry) => entry !== undefined)

/** Folders come first in either direction. */
function order<T>(
  items: T[],
  isFolder: (item: T) => boolean,
  compare: (a: T, b: T) => number,
  descending: boolean,
): T[] {
  const direction = descending ? -1 : 1
  const sort = (part: T[]) => part.sort((a, b) => direction * compare(a, b))
  return [...sort(items.filter(isFolder)), ...sort(items.filter((item) => !isFolder(item)))]
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Names that only case or accents tell apart keep one order, or pages of a folder would not fit together. */
const compareNames = (a: { name: string }, b: { name: string }) =>
  byName.compare(a.name, b.name) || (a.name < b.name ? -1 : 1)

const COMPARE: Record<Exclude<EntrySort, 'name'>, (a: EntryView, b: EntryView) => number> = {
  size: (a, b) => (a.size ?? 0) - (b.size ?? 0) || compareNames(a, b),
  modified: (a, b) => a.modifiedAt.localeCompare(b.modifiedAt) || compareNames(a, b),
}
