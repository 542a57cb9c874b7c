import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from './api-answers'
import { listen } from './listen'

/** How the chunks' host misbehaves; `foreign-host` says that the chunks are elsewhere. */
export type XetFault = { status: number } | 'broken-off' | 'wrong-bytes' | 'foreign-host'

const CHUNK_BYTES = 16 * 1024
const CHUNKS_A_XORB = 8
const HEADER_BYTES = 8

/**
 * The hosts that keep files in chunks, as Xet does: one says which chunks make up a file, to whoever has a token that
 * the Hub gave out for it, the other serves them by signed address. Chunks are stored as they are.
 */
export async function startXet() {
  const files = new Map<string, Buffer>()
  const tokens = new Set<string>()
  const requests: { url: string; range: string | undefined }[] = []
  const authorizationSeen: string[] = []
  let fault: XetFault | undefined
  let signature = randomUUID()
  let isNextStale = false

  const server = await listen((request, response) => {
    const { authorization, range } = request.headers
    requests.push({ url: request.url ?? '', range })
    const [, kind, hash = '', xorb] =
      /^\/(v2\/reconstructions|xorbs)\/([0-9a-f]{64})(?:-(\d+))?/.exec(request.url ?? '') ?? []
    const content = files.get(hash)
    if (!content) return void response.writeHead(404).end()
    if (kind === 'xorbs') return sendXorb(request, response, content, Number(xorb))
    if (!authorization || !tokens.has(authorization)) {
      if (authorization) authorizationSeen.push(authorization)
      return void response.writeHead(401).end()
    }
    const [, from = 0, to = content.length - 1] = (/^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []).map(Number)
    json(response, 200, reconstruction(hash, content, from, to))
    if (isNextStale) signature = randomUUID()
    isNextStale = false
  })

  function reconstruction(hash: string, content: Buffer, from: number, to: number) {
    const host = fault === 'foreign-host' ? 'https://evil.example' : server.url
    const xorbBytes = CHUNK_BYTES * CHUNKS_A_XORB
    const first = Math.floor(from / CHUNK_BYTES)
    const last = Math.floor(Math.min(to, content.length - 1) / CHUNK_BYTES)
    const numbers = range(Math.floor(first / CHUNKS_A_XORB), Math.floor(last / CHUNKS_A_XORB) + 1)
    const parts = numbers.map((number) => {
      const begin = Math.max(0, first - number * CHUNKS_A_XORB)
      const end = Math.min(CHUNKS_A_XORB, last + 1 - number * CHUNKS_A_XORB)
      const bytes = content.subarray(
        number * xorbBytes + begin * CHUNK_BYTES,
        number * xorbBytes + end * CHUNK_BYTES,
      ).length
      return { xorb: hashOf(hash, number), number, begin, end, bytes }
    })
    return {
      offset_into_first_range: from - first * CHUNK_BYTES,
      terms: parts.map(({ xorb, begin, end, bytes }) => ({
        hash: xorb,
        unpacked_length: bytes,
        range: { start: begin, end },
      })),
      xorbs: Object.fromEntries(
        parts.map(({ xorb, number, begin, end, bytes }) => {
          const start = begin * (CHUNK_BYTES + HEADER_BYTES)
          const signed = {
            chunks: { start: begin, end },
            bytes: { start, end: start + bytes + (end - begin) * HEADER_BYTES - 1 },
          }
          return [xorb, [{ url: `${host}/xorbs/${hash}-${number}?signature=${signature}`, ranges: [signed] }]]
        }),
      ),
    }
  }

  function sendXorb(request: IncomingMessage, response: ServerResponse, content: Buffer, number: number) {
    const { authorization, range: asked } = request.headers
    if (authorization !== undefined) authorizationSeen.push(authorization)
    if (!request.url?.endsWith(`?signature=${signature}`)) return void response.writeHead(403).end()
    if (typeof fault === 'object') return void response.writeHead(fault.status).end()
    const begin = number * CHUNK_BYTES * CHUNKS_A_XORB
    const given = fault === 'wrong-bytes' ? Buffer.alloc(content.length, 'x') : content
    const xorb = packed(given.subarray(begin, begin + CHUNK_BYTES * CHUNKS_A_XORB))
    const [, from = 0, to = 0] = (/^bytes=(\d+)-(\d+)$/.exec(asked ?? '') ?? []).map(Number)
    const part = xorb.subarray(from, to + 1)
    response.writeHead(206, {
      'Content-Length': part.length,
      'Content-Range': `bytes ${from}-${to}/${xorb.length}`,
    })
    if (fault === 'broken-off') return void response.write(part.subarray(0, 100), () => response.destroy())
    response.end(part)
  }

  return {
    ...server,
    requests,
    /** Tokens that are not this host's own, and any that came along with a signed address. */
    authorizationSeen,
    misbehave: (next: XetFault | undefined) => {
      fault = next
    },
    /** The next addresses that are given out have expired when they are used. */
    expireNext: () => {
      isNextStale = true
    },
    keep: (hash: string, content: Buffer) => void files.set(hash, content),
    /** What the Hub gives to whoever may read a repository. */
    readToken() {
      const accessToken = `xet_CANARY${randomUUID()}`
      tokens.add(`Bearer ${accessToken}`)
      return { accessToken, casUrl: server.url, exp: Math.floor(Date.now() / 1000) + 3600 }
    },
  }
}

/** Each chunk behind its header: version, packed length, no compression, length. */
function packed(bytes: Buffer): Buffer {
  const chunks = range(0, Math.ceil(bytes.length / CHUNK_BYTES)).flatMap((index) => {
    const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeUIntLE(chunk.length, 1, 3)
    header.writeUIntLE(chunk.length, 5, 3)
    return [header, chunk]
  })
  return Buffer.concat(chunks)
}

const hashOf = (file: string, xorb: number) => createHash('sha256').update(`${file}-${xorb}`).digest('hex')
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
