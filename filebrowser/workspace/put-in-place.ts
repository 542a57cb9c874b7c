import { lstat, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { place, syncFolder } from './place'
import { requireFree } from './workspace'

/**
 * Renames a file, a link or a folder within one file system, never over what is there, and durably.
 * @throws Refusal `already_exists`
 */
export async function putInPlace(from: string, to: string): Promise<void> {
  await requireFree(to)
  if ((await lstat(from)).isFile()) {
    await place(from, to)
  } else {
    // Where a folder has appeared meanwhile, only an empty one gives way.
    await rename(from, to)
    await syncFolder(dirname(to))
  }
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from))
}

/** @returns `undefined` where nothing is */
export const lookAt = (path: string) => lstat(path).catch(() => undefined)
