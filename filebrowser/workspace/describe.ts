import type { Stats } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EntryView } from '../contract'
import { relativePath, resolveExisting, type Workspace } from './workspace'

/**
 * What is known of an entry; a link counts as what it leads to, as long as that is inside.
 * @param folder real, absolute path inside the workspace
 * @returns `undefined` when it has gone since it was listed
 */
export async function describeEntry(
  workspace: Workspace,
  folder: string,
  name: string,
): Promise<EntryView | undefined> {
  const path = join(folder, name)
  const own = await lstat(path).catch(() => undefined)
  if (!own) return undefined
  const modifiedAt = own.mtime.toISOString()
  if (!own.isSymbolicLink()) return { name, ...shape(own), modifiedAt }
  const target = await resolveExisting(workspace, relativePath(workspace, path))
    .then((found) => stat(found))
    .catch(() => undefined)
  return { name, ...(target ? shape(target) : { kind: 'link', size: null }), modifiedAt }
}

function shape(stats: Stats): Pick<EntryView, 'kind' | 'size'> {
  return stats.isDirectory() ? { kind: 'folder', size: null } : { kind: 'file', size: stats.size }
}
