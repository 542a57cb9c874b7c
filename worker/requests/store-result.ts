import { type FileHandle, open, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { SecretSearch } from '../runtimes/workspaces/secret-search'
import { HEAD_BYTES } from './media'
import type { Room } from './result-room'

/** @returns what the file begins with and its size, or whose token it holds; then it is not there */
export async function storeResult(
  path: string,
  content: Readable,
  room: Room,
  search: SecretSearch | undefined,
): Promise<{ head: Buffer; bytes: number } | { held: string }> {
  const file = await open(path, 'wx', 0o600).catch((error) => {
    content.destroy()
    throw error
  })
  try {
    const stored = await copy(content, file, room, search)
    if ('held' in stored) await rm(path)
    else await file.sync()
    return stored
  } finally {
    content.destroy()
    await file.close()
  }
}

async function copy(content: Readable, file: FileHandle, room: Room, search: SecretSearch | undefined) {
  let head = Buffer.alloc(0)
  let bytes = 0
  for await (const piece of content as AsyncIterable<Buffer>) {
    const held = search?.look(piece)
    if (held) {
      room.giveBack(bytes)
      return { held }
    }
    await room.take(piece.length)
    await file.writeFile(piece)
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, piece.subarray(0, HEAD_BYTES)])
    bytes += piece.length
  }
  return { head, bytes }
}
