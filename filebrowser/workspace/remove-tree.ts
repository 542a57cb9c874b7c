import { chmod, lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { walk } from './walk'

/** Removes a file, a link or a folder, also one with folders of ours in it that nobody may write to. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error
    await makeWritable(path)
    await rm(path, { recursive: true, force: true })
  }
}

/** What can't be changed is left to `rm`, which says why. */
async function makeWritable(path: string) {
  if (!(await lstat(path)).isDirectory()) return
  await chmod(path, 0o700).catch(() => {})
  for await (const folder of walk(path, { all: true, onUnreadable: () => {} }))
    for (const dirent of folder.dirents)
      if (dirent.isDirectory()) await chmod(join(folder.path, dirent.name), 0o700).catch(() => {})
}
