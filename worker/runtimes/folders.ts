import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeLogs } from '../../log-files'

/**
 * Removes what a machine has on the host: its home and logs, and its workspace if that is to go.
 * @throws the first thing that went wrong, after all of them were tried
 */
export async function removeFolders(
  dataDir: string,
  machineId: string,
  workspaceId: string | undefined,
): Promise<void> {
  const done = await Promise.allSettled([
    removeFolder(join(dataDir, 'machines', machineId)),
    workspaceId && removeFolder(join(dataDir, 'workspaces', workspaceId)),
    removeLogs(dataDir, machineId),
  ])
  for (const each of done) if (each.status === 'rejected') throw each.reason
}

/** Also with folders in it that their owner, who is the server's user too, may not write to. */
async function removeFolder(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    await remove()
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    await openFolders(folder)
    await remove()
  }
}

/** Lets the server's user into a folder and all that are in it. Follows no link; leaves what isn't its own. */
async function openFolders(root: string): Promise<void> {
  const left = [root]
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const folder = path
    const stats = await lstat(folder).catch(() => undefined)
    if (!stats?.isDirectory()) continue
    await chmod(folder, stats.mode | 0o700).catch(() => undefined)
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) if (entry.isDirectory()) left.push(join(folder, entry.name))
  }
}
