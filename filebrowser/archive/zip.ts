import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { addAbortSignal, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import type { Member } from './members'

/** From here on a member needs the larger fields of Zip64. */
const ZIP32_MAX = 0xffff_ffff

/**
 * A zip of what comes, made while it is read: nothing is kept but the list of names. Models and pictures don't get
 * smaller, so that nothing is deflated. A file that has gone, or that can't be read, is left out; one that grows or
 * shrinks is in it as it was read.
 * @returns a stream that breaks off, without the directory at a zip's end, when reading fails half way
 */
export function zipStream(members: AsyncIterable<Member>, signal: AbortSignal): Readable {
  const zip = new ZipFile()
  const output = zip.outputStream as Readable
  zip.on('error', (error: Error) => output.destroy(error))

  async function fill() {
    for await (const { file, ...member } of members) {
      signal.throwIfAborted()
      const name = portable(member.name)
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
      // Nobody else closes the file when the client goes away.
      zip.addReadStream(addAbortSignal(signal, body), name, options)
      await finished(body)
    }
    zip.end()
  }
  fill().catch((error) => output.destroy(error))
  return output
}

/** What Windows would take for a step to another folder or disk is only a part of a name here. */
const portable = (name: string) => name.replaceAll('\\', '_').replace(/^([a-z]):/i, '$1_')

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
