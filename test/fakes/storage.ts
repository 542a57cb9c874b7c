import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { listen } from './listen'

/** How a storage host misbehaves. `stall` sends half and then nothing until it is let go. */
export type StorageFault = 'wrong-bytes' | 'longer' | 'shorter' | 'broken-off' | 'endless' | 'html' | 'stall'

/**
 * The second host that issuers redirect to: serves by signed address and, like R2 and S3, answers 400 when an
 * Authorization header comes along. `authorizationSeen` has to stay empty.
 */
export async function startStorage() {
  const blobs = new Map<string, Buffer>()
  const requests: { url: string; headers: IncomingHttpHeaders }[] = []
  const authorizationSeen: string[] = []
  const stalled: ServerResponse[] = []
  const fault: { current?: StorageFault } = {}

  const server = await listen((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    const { authorization } = request.headers
    if (authorization !== undefined) {
      authorizationSeen.push(authorization)
      return void response.writeHead(400).end('Only one auth mechanism allowed')
    }
    const { pathname, searchParams } = new URL(request.url ?? '', server.url)
    const content = blobs.get(pathname)
    if (!content || searchParams.get('signature') !== 'valid') return void response.writeHead(403).end()
    send(response, content, fault.current, stalled)
  })

  return {
    ...server,
    requests,
    authorizationSeen,
    misbehave: (next: StorageFault | undefined) => {
      fault.current = next
    },
    /** The signed address of these bytes. */
    address(name: string, content: Buffer): string {
      blobs.set(`/${name}`, content)
      return `${server.url}/${name}?signature=valid`
    },
    /** Lets the stalled answers break off. */
    release: () => {
      for (const response of stalled.splice(0)) response.destroy()
    },
  }
}

function send(
  response: ServerResponse,
  content: Buffer,
  fault: StorageFault | undefined,
  stalled: ServerResponse[],
) {
  const type = fault === 'html' ? 'text/html; charset=utf-8' : 'application/octet-stream'
  response.setHeader('Content-Type', type)
  if (fault === 'html') return void response.end('<!doctype html><title>Sign in</title>')
  if (fault === 'wrong-bytes') return void response.end(Buffer.alloc(content.length, 'x'))
  if (fault === 'longer') return void response.end(Buffer.concat([content, Buffer.alloc(4096)]))
  if (fault === 'shorter') return void response.end(content.subarray(0, -2048))
  if (fault === 'endless') return void Readable.from(endlessBytes()).pipe(response)
  response.setHeader('Content-Length', content.length)
  if (fault === undefined) return void response.end(content)
  response.write(content.subarray(0, content.length / 2), () => {
    if (fault === 'stall') stalled.push(response)
    else response.destroy()
  })
}

function* endlessBytes() {
  while (true) yield Buffer.alloc(64 * 1024)
}
