import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveExisting, type Workspace } from './workspace'

const PART = /^\.slipway-[\w-]+\.part$/

/** Whether this is the name of a half-written file, of this program or of another one that shares the folder. */
export const isPart = (name: string): boolean => PART.test(name)

/** Where a file is written until it is whole, beside its target. @param folder absolute path */
export const partPath = (folder: string, id: string): string => join(folder, `.slipway-${id}.part`)

/** Removes what is left of a write that was given up. @param folder relative to the workspace; may be gone */
export async function removePart(workspace: Workspace, folder: string, id: string): Promise<void> {
  try {
    await rm(partPath(await resolveExisting(workspace, folder), id), { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
