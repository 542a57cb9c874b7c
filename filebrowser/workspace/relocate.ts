import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type CopyOptions, copyTree } from './copy-tree'
import { partPath } from './parts'
import { putInPlace } from './put-in-place'
import { walk } from './walk'
import { withPart } from './with-part'
import type { Workspace } from './workspace'

interface RelocateOptions extends CopyOptions {
  /** Called when a rename does not do it, before the first byte is copied; may refuse. */
  beforeCopy?: () => Promise<void>
}

/**
 * Moves a file or a folder to where nothing is, also to another file system: then it is there whole before it leaves
 * the old place.
 * @throws Refusal `already_exists`
 */
export async function relocate(
  workspace: Workspace,
  from: string,
  to: string,
  { beforeCopy, ...options }: RelocateOptions = {},
): Promise<void> {
  try {
    return await putInPlace(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
  }
  await beforeCopy?.()
  const part = partPath(dirname(to), randomUUID())
  await withPart(workspace, part, async () => {
    await copyTree(from, part, { ...options, moves: true })
    await putInPlace(part, to)
  })
  await removeCopied(from, to)
}

/** What another program wrote into the old place meanwhile stays there, since nobody copied it. */
async function removeCopied(from: string, copy: string): Promise<void> {
  if (!(await lstat(from)).isDirectory()) return removeIfSame(from, copy)
  const folders: string[] = []
  for await (const { path, relative, dirents } of walk(from, { all: true })) {
    folders.push(path)
    for (const { name } of dirents.filter((dirent) => !dirent.isDirectory()))
      await removeIfSame(join(path, name), join(copy, relative, name))
  }
  for (const folder of folders.reverse())
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY') throw error
    })
}

async function removeIfSame(path: string, copy: string): Promise<void> {
  const [one, other] = await Promise.all([lstat(path), lstat(copy).catch(() => undefined)])
  if (other && isSame(one, other)) await unlink(path)
}

function isSame(one: Stats, other: Stats): boolean {
  if (one.isSymbolicLink()) return other.isSymbolicLink()
  // A copy's time is set from a number of seconds, which keeps no nanoseconds.
  const second = ({ mtimeMs }: Stats) => Math.round(mtimeMs / 1000)
  return one.size === other.size && Math.abs(second(one) - second(other)) <= 1
}
