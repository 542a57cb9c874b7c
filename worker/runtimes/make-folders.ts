import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LaunchPlan } from './runtime'
import { workspaceFolder } from './workspaces/workspaces'

/** Makes the folders of the host that containers of a machine have a part of. */
export async function makeFolders(dataDir: string, { machineId, workspaceId, userId }: LaunchPlan) {
  const folders = {
    workspace: workspaceFolder(dataDir, workspaceId),
    models: join(dataDir, 'models', userId),
    home: join(dataDir, 'machines', machineId, 'home'),
  }
  // The mount point too: it would become root's.
  const all = [...Object.values(folders), join(folders.workspace, 'models')]
  await Promise.all(all.map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })))
  return folders
}
