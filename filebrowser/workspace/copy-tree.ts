import { constants, createWriteStream, type Stats } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, open, readlink, symlink, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '../refusal'
import { walk } from './walk'

/** Up to here one call of the system is quicker than a stream, and soon over. */
const SMALL_MAX = 4 * 1024 * 1024

export interface CopyOptions {
  signal?: AbortSignal
  onBytes?: (bytes: number) => void
  /** Also half-written files, and every byte flushed: for what is deleted in its old place next. */
  moves?: boolean
}

/**
 * Copies a file, a link or a folder to where nothing is. Links stay links, wherever they lead. Where the file system
 * can share blocks, it does. What fails half way is left for the caller to remove.
 */
export async function copyTree(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const top = await lstat(from)
  if (!top.isDirectory()) return copyEntry(from, to, top, options)
  const folders: [path: string, stats: Stats][] = []
  for await (const { path, relative, dirents } of walk(from, {
    signal: options.signal,
    all: options.moves,
  })) {
    const stats = await lstat(path)
    await mkdir(join(to, relative), { mode: 0o700 })
    folders.push([join(to, relative), stats])
    for (const { name } of dirents.filter((dirent) => !dirent.isDirectory())) {
      options.signal?.throwIfAborted()
      const file = join(path, name)
      await copyEntry(file, join(to, relative, name), await lstat(file), options)
    }
  }
  // Last and innermost first: what is copied into a folder changes its time and needs its owner's rights.
  for (const [path, stats] of folders.reverse()) {
    await chmod(path, stats.mode & 0o7777)
    await utimes(path, stats.atime, stats.mtime)
  }
}

async function copyEntry(from: string, to: string, stats: Stats, options: CopyOptions): Promise<void> {
  if (stats.isSymbolicLink()) return symlink(await readlink(from), to)
  // Reading a pipe or a device can hang.
  if (!stats.isFile())
    throw new Refusal('not_a_file', `${basename(from)} is neither a file nor a folder and can’t be copied.`)
  await copyContent(from, to, stats, options)
  await chmod(to, stats.mode & 0o7777)
  await utimes(to, stats.atime, stats.mtime)
  if (options.moves) await flush(to)
}

async function copyContent(from: string, to: string, { size, mode }: Stats, options: CopyOptions) {
  const { COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE, O_RDONLY, O_NOFOLLOW } = constants
  if (size <= SMALL_MAX) {
    await copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE)
    return options.onBytes?.(size)
  }
  const shared = await copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  )
  if (shared) return options.onBytes?.(size)
  const source = await open(from, O_RDONLY | O_NOFOLLOW)
  await pipeline(
    source.createReadStream({ highWaterMark: 1024 * 1024 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        yield chunk
        options.onBytes?.(chunk.length)
      }
    },
    createWriteStream(to, { flags: 'wx', mode }),
    { signal: options.signal },
  )
}

async function flush(path: string) {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
