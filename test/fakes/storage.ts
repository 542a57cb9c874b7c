import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { listen } from './listen'

/**
 * How a storage host misbehaves. `stall` sends the first half and then nothing until it is let go; `broken-off` ends
 * there, also when it is asked for the rest; `no-ranges` sends all of it where a part was asked for; `other-range` and
 * `other-total` send a part that was not asked for; `says-more` and `says-less` lie about the length.
 */
export type StorageFault =
  | 'wrong-bytes'
  | 'longer'
  | 'shorter'
  | 'broken-off'
  | 'endless'
  | 'html'
  | 'json'
  | 'stall'
  | 'gzip'
  | 'no-ranges'
  | 'other-range'
  | 'other-total'
  | 'says-more'
  | 'says-less'
  | 'no-tag'
  | { status: number; headers?: Record<string, string> }

/** What arrived at the storage. */
interface StorageRequest {
  url: string
  headers: IncomingHttpHeaders
}

/**
 * The second host that issuers redirect to: serves by signed address, ranges included, and, like R2 and S3, answers
 * 400 when an Authorization header comes along. `authorizationSeen` has to stay empty.
 */
export async function startStorage() {
  const blobs = new Map<string, Buffer>()
  const requests: StorageRequest[] = []
  const authorizationSeen: string[] = []
  const stalled: ServerResponse[] = []
  const breaks: number[] = []
  let fault: StorageFault | undefined
  let signature = 'valid'

  const server = await listen((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    const { authorization } = request.headers
    if (authorization !== undefined) {
      authorizationSeen.push(authorization)
      return void response.writeHead(400).end('Only one auth mechanism allowed')
    }
    const { pathname, searchParams } = new URL(request.url ?? '', server.url)
    const content = blobs.get(pathname)
    if (!content || searchParams.get('signature') !== signature) return void response.writeHead(403).end()
    if (typeof fault === 'object') return void response.writeHead(fault.status, fault.headers).end()
    send(response, content, request.headers)
  })

  function send(response: ServerResponse, content: Buffer, headers: IncomingHttpHeaders) {
    const type = { html: 'text/html; charset=utf-8', json: 'application/json' }[String(fault)]
    response.setHeader('Content-Type', type ?? 'application/octet-stream')
    if (fault === 'html') return void response.end('<!doctype html><title>Sign in</title>')
    if (fault === 'json') return void response.end('{"error":"Sign in"}')
    if (fault === 'wrong-bytes') return void response.end(Buffer.alloc(content.length, 'x'))
    if (fault === 'longer') return void response.end(Buffer.concat([content, Buffer.alloc(4096)]))
    if (fault === 'shorter') return void response.end(content.subarray(0, -2048))
    if (fault === 'endless') return void Readable.from(endlessBytes()).pipe(response)
    if (fault === 'gzip')
      return void response.setHeader('Content-Encoding', 'gzip').end(gzipSync(Buffer.alloc(64 * 1024 * 1024)))
    const tag = `"${createHash('md5').update(content).digest('hex')}"`
    if (fault !== 'no-tag') response.setHeader('ETag', tag)
    const from = rangeOf(headers, tag)
    if (from !== undefined && from >= content.length)
      return void response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end()
    sendFrom(response, content, from)
  }

  function sendFrom(response: ServerResponse, content: Buffer, asked: number | undefined) {
    const from = fault === 'no-ranges' ? 0 : (asked ?? 0)
    const lie = { 'says-more': 10, 'says-less': -10 }[String(fault)] ?? 0
    response.setHeader('Content-Length', content.length - from + lie)
    if (asked !== undefined && fault !== 'no-ranges') {
      const first = fault === 'other-range' ? from - 1 : from
      const total = content.length + (fault === 'other-total' ? 1 : 0)
      response.statusCode = 206
      response.setHeader('Content-Range', `bytes ${first}-${content.length - 1}/${total}`)
    }
    const half = Math.max(from, Math.floor(content.length / 2))
    if (fault === 'stall')
      return void response.write(content.subarray(from, half), () => stalled.push(response))
    if (fault === 'broken-off') return breakOff(response, content.subarray(from, half))
    const next = breaks.findIndex((offset) => offset >= from)
    const [at] = next < 0 ? [] : breaks.splice(next, 1)
    if (at !== undefined) return breakOff(response, content.subarray(from, at))
    // What is announced too small, Node would not send.
    response.strictContentLength = false
    response.end(content.subarray(from))
  }

  /** Where the answer begins; undefined for all of it. */
  function rangeOf({ range, 'if-range': ifRange }: IncomingHttpHeaders, tag: string): number | undefined {
    const from = /^bytes=(\d+)-$/.exec(range ?? '')?.[1]
    return from === undefined || (ifRange !== undefined && ifRange !== tag) ? undefined : Number(from)
  }

  return {
    ...server,
    requests,
    authorizationSeen,
    misbehave: (next: StorageFault | undefined) => {
      fault = next
    },
    /** Each of the next answers breaks off before the byte at one of these places, in order. */
    breakAt: (...offsets: number[]) => {
      breaks.splice(0, breaks.length, ...offsets)
    },
    /** From now on all addresses that were given out are refused. */
    expire: () => {
      signature = `valid-${createHash('md5').update(signature).digest('hex')}`
    },
    /** The signed address of these bytes. */
    address(name: string, content: Buffer): string {
      blobs.set(`/${name}`, content)
      return `${server.url}/${name}?signature=${signature}`
    },
    /** Lets the stalled answers break off. */
    release: () => {
      for (const response of stalled.splice(0)) response.destroy()
    },
  }
}

/** Ends the connection once the bytes are on their way. */
function breakOff(response: ServerResponse, bytes: Buffer) {
  response.flushHeaders()
  response.write(bytes, () => response.destroy())
}

function* endlessBytes() {
  while (true) yield Buffer.alloc(64 * 1024)
}
