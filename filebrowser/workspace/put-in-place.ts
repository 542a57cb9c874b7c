import { link, lstat, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { requireFree } from './workspace'

/** Where a file system has no hard links, or keeps this one from being made. */
const NO_LINK = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS', 'EACCES']

/**
 * Renames within one file system, never over what is there or what appears meanwhile, and durably.
 * @throws Refusal `already_exists`
 */
export async function putInPlace(from: string, to: string): Promise<void> {
  await requireFree(to)
  if (!(await lstat(from)).isFile() || !(await linkInPlace(from, to))) await rename(from, to)
  await syncFolder(dirname(to))
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from))
}

/** A link, unlike a rename, fails where something is. */
async function linkInPlace(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
  } catch (error) {
    if (NO_LINK.includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
  await unlink(from)
  return true
}

/** A name is durable when its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    // Some file systems have nothing to flush there.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await folder.close()
  }
}

/** @returns `undefined` where nothing is */
export const lookAt = (path: string) => lstat(path).catch(() => undefined)
