import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { removeLogs } from '../../log-files'

const run = promisify(execFile)

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

/** Also with folders in it that may not be written to, and with paths that are longer than Node can name. */
async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // These walk from folder to folder, and follow no link.
    await run('chmod', ['-R', 'u+rwX', '--', folder]).catch(() => undefined)
    await run('rm', ['-rf', '--', folder])
  }
}
