import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const PIECE_BYTES = 256 * 1024

/** Opens for reading without following a link, or waiting for whoever writes to a pipe. */
export const openToRead = (at: string): Promise<FileHandle> =>
  open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)

/** The first `size` bytes of a file, in pieces; fewer when it is shorter by now. */
export async function* pieces(file: FileHandle, size: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    signal.throwIfAborted()
    const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - at))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (!bytesRead) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

/** So many zeros, in pieces. */
export function* zeros(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= PIECE_BYTES) yield Buffer.alloc(Math.min(PIECE_BYTES, left))
}
