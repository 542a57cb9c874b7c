import { constants } from 'node:fs'
import { link, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Refusal } from '../refusal'
import { requireFree } from './workspace'

const WITHOUT_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES', 'EINVAL'])

/**
 * Gives a whole file its name, for good. Nothing is overwritten, not even what another program put there a moment ago.
 * @throws Refusal `file_exists`; the file then keeps the name it had
 */
export async function place(part: string, target: string): Promise<void> {
  try {
    await link(part, target)
    await unlink(part)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw taken()
    if (!WITHOUT_HARD_LINKS.has(code ?? '')) throw error
    // A network file system, or one of Windows: the best that is left.
    await requireFree(target, 'file_exists')
    await rename(part, target)
  }
  await syncFolder(dirname(target))
}

/** Makes the names in a folder outlive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems can't, and promise nothing anyway.
    if (!WITHOUT_HARD_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle.close()
  }
}

const taken = () =>
  new Refusal('file_exists', 'A file or folder of that name is already there. Rename or delete it first.')
