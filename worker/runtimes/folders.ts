import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeLogs } from '../../log-files'

/** Removes what a machine has on the host: its home and logs, and its workspace if that is to go. */
export async function removeFolders(
  dataDir: string,
  machineId: string,
  workspaceId: string | undefined,
): Promise<void> {
  const folders = [
    join(dataDir, 'machines', machineId),
    ...(workspaceId ? [join(dataDir, 'workspaces', workspaceId)] : []),
  ]
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  await removeLogs(dataDir, machineId)
}
