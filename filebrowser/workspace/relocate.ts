import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type CopyOptions, copyTree } from './copy-tree'
import { partPath } from './parts'
import { putInPlace } from './put-in-place'
import { walk } from './walk'

/**
 * Moves a file or a folder to where nothing is, also to another file system: then it is there whole before it leaves
 * the old place.
 * @param part where a copy is made first, beside `to`
 * @throws Refusal `already_exists`
 */
export async function relocate(
  from: string,
  to: string,
  options: CopyOptions = {},
  part = partPath(dirname(to), randomUUID()),
): Promise<void> {
  try {
    return await putInPlace(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
  }
  try {
    await copyTree(from, part, { ...options, moves: true })
    await putInPlace(part, to)
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw error
  }
  await removeCopied(from, to)
}

/** What another program wrote into the old place meanwhile stays there, since nobody copied it. */
async function removeCopied(from: string, copy: string): Promise<void> {
  if (!(await lstat(from)).isDirectory()) return unlink(from)
  const folders: string[] = []
  for await (const { path, relative, dirents } of walk(from, { all: true })) {
    folders.push(path)
    for (const { name } of dirents.filter((dirent) => !dirent.isDirectory()))
      if (await isSame(join(path, name), join(copy, relative, name))) await unlink(join(path, name))
  }
  for (const folder of folders.reverse())
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY') throw error
    })
}

async function isSame(path: string, copy: string): Promise<boolean> {
  const [one, other] = await Promise.all([lstat(path), lstat(copy).catch(() => undefined)])
  if (!other) return false
  if (one.isSymbolicLink()) return other.isSymbolicLink()
  // A copy's time is set from a number of seconds, which keeps no nanoseconds.
  const second = ({ mtimeMs }: Stats) => Math.round(mtimeMs / 1000)
  return one.size === other.size && Math.abs(second(one) - second(other)) <= 1
}
