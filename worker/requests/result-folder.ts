import { renameSync } from 'node:fs'
import { lstat, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { newId } from '../../db/ids'
import {
  type ResultsOf,
  removeResultParts,
  resultFolder,
  resultPart,
  resultsOfUser,
} from '../../result-files'

/**
 * Fills the folder of a request's files: whole and on disk, or as it was before. Each call writes into a folder of
 * its own, and takes away what a call before it, which must be another worker's by now, has begun.
 * @param write fills an empty folder that nobody else writes to
 * @param stillMine looked at right before the folder gets its name: false throws
 */
export async function writeResults<T>(
  dataDir: string,
  of: ResultsOf,
  stillMine: () => boolean,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  const parent = resultsOfUser(dataDir, of.userId)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (const folder of [dirname(parent), parent]) await assertFolder(folder)
  assertMine(stillMine)
  await removeResultParts(dataDir, of)
  const part = resultPart(dataDir, of, newId())
  const before = resultPart(dataDir, of, newId())
  await mkdir(part, { mode: 0o700 })
  try {
    const written = await write(part)
    await syncFolder(part)
    // From here to the new name nothing else of this process runs.
    assertMine(stillMine)
    renameIfThere(resultFolder(dataDir, of), before)
    renameSync(part, resultFolder(dataDir, of))
    await syncFolder(parent)
    return written
  } finally {
    for (const left of [part, before]) await rm(left, { recursive: true, force: true })
  }
}

/** What lies in a folder that somebody linked elsewhere would be elsewhere. */
async function assertFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) throw new Error(`${path} is not a folder.`)
}

function assertMine(stillMine: () => boolean): void {
  if (!stillMine()) throw new Error('Another worker took over before the results were there.')
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
