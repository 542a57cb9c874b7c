import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { claimDiskMeasure, recordDiskUsage } from '../db/disk-usage'
import type { WorkerDeps } from './deps'

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
  const results = await bytesIn(join(dataDir, 'results', userId), shutdown)
  if (!shutdown.aborted) recordDiskUsage(db, userId, { workspaces, models, saves, results }, clock)
}

/**
 * What a folder takes on disk. Left to `du`, which gets into folders nested deeper than a path can say, and
 * goes on past those that it can't read.
 */
async function bytesIn(folder: string, shutdown: AbortSignal): Promise<number> {
  if (!existsSync(folder)) return 0
  const count = () => run('du', ['-s', '--block-size=1', '--', folder], shutdown)
  const counted = await count()
  if (counted.isWhole) return Number.parseInt(counted.output, 10)
  // Whoever owns a folder can shut it, and is the server's user too.
  const shut = ['-type', 'd', '-user', `${process.geteuid?.()}`, '!', '-perm', '-u=rx']
  await run('find', [folder, ...shut, '-execdir', 'chmod', 'u+rx', '{}', ';'], shutdown)
  const bytes = Number.parseInt((await count()).output, 10)
  if (!Number.isNaN(bytes)) return bytes
  if (existsSync(folder) && !shutdown.aborted) throw new Error(`${folder} could not be measured.`)
  return 0
}

/** Runs a program to its end; `isWhole` unless something went wrong in it. */
const run = (program: string, args: string[], signal: AbortSignal) =>
  new Promise<{ isWhole: boolean; output: string }>((resolve, reject) => {
    let output = ''
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], signal })
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', (error) => !signal.aborted && reject(error))
    child.once('close', (code) => resolve({ isWhole: code === 0, output }))
  })
