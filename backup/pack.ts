import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Headers, Pack } from 'tar-stream'
import { tarSize } from '../worker/runtimes/workspaces/tar-size'
import type { ListedFile } from './format'

/**
 * Adds one file, as long as it was when it was opened.
 * @param onBytes told of every piece
 * @returns undefined when there is no such file
 */
export async function packFile(
  tar: Pack,
  name: string,
  path: string,
  onBytes: (count: number) => void,
): Promise<ListedFile | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (!file) return undefined
  try {
    const { size, mtime } = await file.stat()
    const hash = createHash('sha256')
    const content = file.createReadStream({ autoClose: false, start: 0, end: Math.max(size - 1, 0) })
    async function* hashed() {
      for await (const piece of content) {
        hash.update(piece)
        onBytes(piece.length)
        yield piece
      }
    }
    await add(tar, { name, mtime, ...tarSize(size) }, hashed())
    return { name, bytes: size, sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

export const packText = (tar: Pack, name: string, text: string): Promise<void> =>
  add(tar, { name, size: Buffer.byteLength(text) }, [Buffer.from(text)])

/** @returns once the tar has taken all of it */
function add(tar: Pack, header: Headers, content: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = tar.entry({ ...header, mode: 0o600 }, (error) => (error ? reject(error) : resolve()))
    // The library's own way to say that the tar was closed.
    if (!entry as boolean) reject(new Error('The backup could not be written to its end.'))
    else pipeline(content, entry).catch(reject)
  })
}
