import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { listen } from './listen'

// No power of two, so that bytes at the wrong place are other bytes.
const BLOCK = Buffer.alloc(8_000_011)
for (let at = 0; at < BLOCK.length; at += 32) createHash('sha256').update(`${at}`).digest().copy(BLOCK, at)

/**
 * A Hub with files of any size, `/large/<bytes>/resolve/main/model.safetensors`. Nothing is stored: the same block is
 * sent again and again, from the place that is asked for.
 */
export async function startLargeFile() {
  const hashes = new Map<number, string>()
  let onSent: (at: number) => void = () => {}

  const server = await listen((request, response) => {
    const size = Number(/^\/large\/(\d+)\//.exec(request.url ?? '')?.[1])
    const tag = `"${hashOf(size)}"`
    if (request.method === 'HEAD')
      return void response.writeHead(200, { 'X-Linked-Etag': tag, 'Content-Length': size }).end()
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = from > 0 ? { 'Content-Range': `bytes ${from}-${size - 1}/${size}` } : {}
    response.writeHead(from > 0 ? 206 : 200, { ETag: tag, 'Content-Length': size - from, ...range })
    send(response, from, size)
  })

  function hashOf(size: number): string {
    const known = hashes.get(size)
    if (known) return known
    const hash = createHash('sha256')
    for (let left = size; left > 0; left -= BLOCK.length) hash.update(BLOCK.subarray(0, left))
    const hex = hash.digest('hex')
    hashes.set(size, hex)
    return hex
  }

  function send(response: ServerResponse, from: number, size: number) {
    let at = from
    const more = () => {
      while (at < size && !response.destroyed) {
        const begin = at % BLOCK.length
        const block = BLOCK.subarray(begin, begin + size - at)
        at += block.length
        onSent(at)
        if (!response.write(block)) return
      }
      response.end()
    }
    response.on('drain', more)
    more()
  }

  return {
    ...server,
    address: (size: number) => `${server.url}/large/${size}/resolve/main/model.safetensors`,
    /** The SHA-256 of a file of that size. */
    hashOf,
    /** @param listener told of the place in the file up to which it was handed to the network */
    watch: (listener: typeof onSent) => {
      onSent = listener
    },
  }
}
