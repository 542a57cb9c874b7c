import type { IncomingMessage } from 'node:http'

/**
 * As fetch, but hosts under `.localhost` are reached at 127.0.0.1 whatever the resolver makes of them (RFC 6761), as
 * browsers do. Node's own fetch sends no other Host than that of its address, so these go by `node:http`, which
 * follows no redirect.
 */
export const fetchByName: typeof fetch = (input, init) => {
  const { protocol, hostname } = new URL(input instanceof Request ? input.url : input)
  const isLoopbackName = protocol === 'http:' && hostname.endsWith('.localhost')
  return isLoopbackName ? askLoopback(new Request(input, init)) : fetch(input, init)
}

async function askLoopback(asked: Request): Promise<Response> {
  const { request } = await import('node:http')
  const { host, port, pathname, search } = new URL(asked.url)
  const body = Buffer.from(await asked.arrayBuffer())
  const { signal } = asked
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port: port || 80,
      path: pathname + search,
      method: asked.method,
      headers: { ...Object.fromEntries(asked.headers), host },
      agent: false,
      signal,
    })
    sent.on('error', (cause) =>
      reject(signal.aborted ? signal.reason : new TypeError('fetch failed', { cause })),
    )
    sent.on('response', (answer) => responseOf(answer).then(resolve, reject))
    sent.end(body)
  })
}

const WITHOUT_BODY = [204, 205, 304]

async function responseOf(answer: IncomingMessage): Promise<Response> {
  const { Readable } = await import('node:stream')
  const { statusCode: status = 502, headersDistinct } = answer
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  if (WITHOUT_BODY.includes(status)) return new Response(null, { status, headers })
  return new Response(Readable.toWeb(answer) as ReadableStream, { status, headers })
}
