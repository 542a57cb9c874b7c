import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HubFacts } from './hub-content'

/** A small file, from the Hub itself. */
export function sendPlain(request: IncomingMessage, response: ServerResponse, { content, blob }: HubFacts) {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const begin = Number(from ?? 0)
  const end = Math.min(to ? Number(to) + 1 : content.length, content.length)
  if (begin > 0 && begin >= content.length)
    return void response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end()
  const part = content.subarray(begin, end)
  response.writeHead(from === undefined ? 200 : 206, {
    ETag: `"${blob}"`,
    'Content-Length': part.length,
    'Content-Type': 'text/plain',
    ...(from !== undefined && { 'Content-Range': `bytes ${begin}-${end - 1}/${content.length}` }),
  })
  response.end(request.method === 'HEAD' ? undefined : part)
}

/** A large file is elsewhere; whoever speaks Xet is told of it in place of a redirect. */
export function sendAway(
  request: IncomingMessage,
  response: ServerResponse,
  { size, sha256, xetHash }: HubFacts,
  addresses: { plain: string; xetAuth: string; xetReconstruction: string },
) {
  response.setHeader('X-Linked-Size', size)
  response.setHeader('X-Linked-Etag', `"${sha256}"`)
  if (xetHash) {
    response.setHeader('X-Xet-Hash', xetHash)
    response.setHeader(
      'Link',
      `<${addresses.xetAuth}>; rel="xet-auth", <${addresses.xetReconstruction}>; rel="xet-reconstruction-info"`,
    )
    if (request.headers.accept?.includes('application/vnd.xet-fileinfo+json'))
      return void response
        .writeHead(200, { 'Content-Type': 'application/vnd.xet-fileinfo+json' })
        .end(JSON.stringify({ hash: xetHash }))
  }
  response.writeHead(302, { Location: addresses.plain }).end()
}
