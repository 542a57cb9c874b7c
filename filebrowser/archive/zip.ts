import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Member } from './members'

/** From here on a member needs the larger fields of Zip64. */
const ZIP32_MAX = 0xffff_ffff

/**
 * A zip of what comes, made while it is read: nothing is kept but the list of names. Models and pictures don't get
 * smaller, so that nothing is deflated. A file that has gone, or that can't be read, is left out; one that grows or
 * shrinks is in it as it was read.
 * @returns a stream that breaks off, without the directory at a zip's end, when reading fails half way
 */
export async function zipStream(members: AsyncIterable<Member>, signal: AbortSignal): Promise<Readable> {
  const { ZipFile } = await import('yazl')
  const zip = new ZipFile()
  const output = zip.outputStream as Readable
  zip.on('error', (error: Error) => output.destroy(error))

  async function fill() {
    for await (const { file, name } of members) {
      signal.throwIfAborted()
      if (file === null) {
        zip.addEmptyDirectory(name)
        continue
      }
      const opened = await openFile(file)
      if (!opened) continue
      const { handle, size, mtime, mode } = opened
      const body =
        size > 0 ? handle.createReadStream({ end: size - 1, highWaterMark: 256 * 1024 }) : emptyBody(handle)
      const options = { mtime, mode, compress: false, forceZip64Format: size >= ZIP32_MAX }
      zip.addReadStream(body, name, options)
      await finished(body, { signal })
    }
    zip.end()
  }
  fill().catch((error) => output.destroy(error))
  return output
}

/** @returns `undefined` for what is no longer there, may not be read, or is no regular file */
async function openFile(path: string) {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stats = await handle.stat()
    if (stats.isFile()) return { handle, size: stats.size, mtime: stats.mtime, mode: stats.mode & 0o100777 }
  } catch {}
  await handle?.close()
  return undefined
}

function emptyBody(handle: FileHandle): Readable {
  void handle.close()
  return Readable.from([])
}
