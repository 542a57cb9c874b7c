import { lstat, readdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isPart, partPath } from '../workspace/parts'
import { resolveExisting, type Workspace } from '../workspace/workspace'

const OLD_MS = 7 * 24 * 3600 * 1000

/**
 * Removes half-written files that nobody has gone on with for a week. Another machine may share a models folder: its
 * own stay young, as those of this one are kept, by being marked as in use whenever this runs.
 * @param folders relative to the workspace, each once; those that are gone are left out
 * @param isKept whether a download of this id may still go on
 */
export async function sweepParts(
  workspace: Workspace,
  folders: Iterable<string>,
  isKept: (id: string) => boolean,
  now: number,
): Promise<void> {
  for (const folder of folders) {
    const path = await resolveExisting(workspace, folder).catch(() => undefined)
    const names = path ? await readdir(path).catch(() => []) : []
    for (const name of names.filter(isPart)) await look(join(path as string, name), idOf(name), isKept, now)
  }
}

async function look(part: string, id: string, isKept: (id: string) => boolean, now: number) {
  const found = await lstat(part).catch(() => undefined)
  if (!found?.isFile()) return
  if (isKept(id)) await utimes(part, now / 1000, now / 1000).catch(() => undefined)
  else if (now - found.mtimeMs > OLD_MS) await rm(part, { force: true })
}

const idOf = (name: string) => name.slice('.slipway-'.length, -'.part'.length)

/** @returns bytes that an earlier process left of a download; 0 when nothing is there */
export async function partSize(workspace: Workspace, folder: string, id: string): Promise<number> {
  const path = await resolveExisting(workspace, folder).catch(() => undefined)
  const found = path === undefined ? undefined : await lstat(partPath(path, id)).catch(() => undefined)
  return found?.isFile() ? found.size : 0
}
