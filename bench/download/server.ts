import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/*
 * A Hub with one file of any size, `/bench/<bytes>/resolve/main/model.safetensors`, in a process of its own. Nothing
 * is stored: the same block is sent again and again, from where it is asked.
 */

const BLOCK = Buffer.alloc(8 * 1024 * 1024)
for (let at = 0; at < BLOCK.length; at += 32) createHash('sha256').update(`${at}`).digest().copy(BLOCK, at)

const hashes = new Map<number, string>()
function hashOf(size: number): string {
  const known = hashes.get(size)
  if (known) return known
  const hash = createHash('sha256')
  for (let left = size; left > 0; left -= BLOCK.length) hash.update(BLOCK.subarray(0, left))
  const hex = hash.digest('hex')
  hashes.set(size, hex)
  return hex
}

const server = createServer((request, response) => {
  const size = Number(/^\/bench\/(\d+)\//.exec(request.url ?? '')?.[1])
  const tag = `"${hashOf(size)}"`
  response.setHeader('ETag', tag)
  if (request.method === 'HEAD')
    return void response.writeHead(200, { 'X-Linked-Etag': tag, 'Content-Length': size }).end()
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const range = from > 0 ? { 'Content-Range': `bytes ${from}-${size - 1}/${size}` } : {}
  response.writeHead(from > 0 ? 206 : 200, { 'Content-Length': size - from, ...range })
  send(response, from, size)
})

function send(response: ServerResponse, from: number, size: number) {
  let at = from
  const more = () => {
    while (at < size) {
      const begin = at % BLOCK.length
      const block = BLOCK.subarray(begin, Math.min(BLOCK.length, begin + size - at))
      at += block.length
      if (!response.write(block)) return
    }
    response.end()
  }
  response.on('drain', more)
  more()
}

server.listen(0, '127.0.0.1', () => {
  console.log(`Sending on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
