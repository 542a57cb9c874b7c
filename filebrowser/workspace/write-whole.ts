import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { lstat, rename } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '../refusal'
import { partPath } from './parts'
import { place, syncFolder } from './place'
import { withPart } from './with-part'
import { requireFree, type Workspace } from './workspace'

interface WriteOptions {
  overwrite?: boolean
  /** Sees and may refuse the bytes on their way to the disk, and once more when all are there. */
  inspect?: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>
}

/**
 * Streams to a half-written file beside the target and gives it its name when every byte is on the disk. Whatever
 * fails, the target is as it was and nothing else stays. One writer a target.
 * @param target absolute path from `locate`
 */
export async function writeWhole(
  workspace: Workspace,
  target: string,
  body: Readable,
  { overwrite = false, inspect = (chunks) => chunks }: WriteOptions = {},
): Promise<void> {
  const part = partPath(dirname(target), randomUUID())
  if (workspace.writing.has(target))
    throw new Refusal('busy', `${basename(target)} is being written already.`)
  workspace.writing.add(target)
  try {
    await requireWritable(target, overwrite)
    await withPart(workspace, part, async () => {
      await pipeline(body, inspect, createWriteStream(part, { flags: 'wx', flush: true }))
      await requireWritable(target, overwrite)
      if (overwrite) await replace(part, target)
      else await place(part, target)
    })
  } finally {
    workspace.writing.delete(target)
  }
}

async function replace(part: string, target: string) {
  await rename(part, target)
  await syncFolder(dirname(target))
}

async function requireWritable(target: string, overwrite: boolean) {
  if (!overwrite) return requireFree(target)
  const present = await lstat(target).catch(() => undefined)
  if (present?.isDirectory()) throw new Refusal('already_exists', 'A folder of that name is already there.')
}
