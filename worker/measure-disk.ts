import type { Dirent, Stats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { claimDiskMeasure, recordDiskUsage } from '../db/disk-usage'
import type { WorkerDeps } from './deps'

/** What `lstat` counts blocks in, whatever the file system's own are. */
const BLOCK_BYTES = 512

/** Measures what the files of one user take, of whoever is due; one at a time, so that disks have other things to do. */
export async function measureDisk(
  { db, clock, dataDir, timings }: WorkerDeps,
  shutdown: AbortSignal,
): Promise<void> {
  const due = claimDiskMeasure(db, { everyMs: timings.measureEveryMs, clock })
  if (!due) return
  const { userId, workspaceIds } = due
  let workspaces = 0
  for (const id of workspaceIds) workspaces += await bytesIn(join(dataDir, 'workspaces', id), shutdown)
  const models = await bytesIn(join(dataDir, 'models', userId), shutdown)
  const saves = await bytesIn(join(dataDir, 'saves', userId), shutdown)
  if (!shutdown.aborted) recordDiskUsage(db, userId, { workspaces, models, saves }, clock)
}

/** What a folder takes on disk, one entry after the other. What goes while it is looked at is not there. */
async function bytesIn(folder: string, shutdown: AbortSignal): Promise<number> {
  const linked = new Set<number>()
  const left = [folder]
  let bytes = 0
  for (let path = left.pop(); path !== undefined && !shutdown.aborted; path = left.pop()) {
    for await (const entry of entriesOf(path)) {
      const inside = join(path, entry.name)
      if (entry.isDirectory()) {
        left.push(inside)
        continue
      }
      const stats: Stats | undefined = await lstat(inside).catch(() => undefined)
      if (!stats || (stats.nlink > 1 && linked.has(stats.ino))) continue
      if (stats.nlink > 1) linked.add(stats.ino)
      bytes += stats.blocks * BLOCK_BYTES
    }
  }
  return bytes
}

async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(code ?? '')) throw error
  }
}
