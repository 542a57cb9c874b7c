import { listen } from './listen'

interface WebFile {
  content: string | Buffer
  headers?: Record<string, string>
  /** Instead of the file. */
  status?: number
  /** HEAD is refused, as some servers do. */
  noHead?: boolean
}

/** A plain file server that the operator may allow; any Authorization that reaches it is a leak. */
export async function startWebHost(files: Record<string, WebFile>) {
  const requests: { method: string; url: string }[] = []
  const authorizationSeen: string[] = []
  const server = await listen((request, response) => {
    const { method = '', url = '', headers } = request
    requests.push({ method, url })
    if (headers.authorization) authorizationSeen.push(headers.authorization)
    const file = files[new URL(url, 'http://web').pathname]
    if (!file) return void response.writeHead(404).end()
    if (file.status) return void response.writeHead(file.status, file.headers).end()
    if (method === 'HEAD' && file.noHead) return void response.writeHead(405).end()
    const content = Buffer.from(file.content)
    const type = { 'Content-Type': 'application/octet-stream', ...file.headers }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
    if (from === undefined) {
      response.writeHead(200, { ...type, 'Content-Length': content.length })
      return void response.end(method === 'HEAD' ? undefined : content)
    }
    if (Number(from) >= content.length)
      return void response.writeHead(416, { ...type, 'Content-Range': `bytes */${content.length}` }).end()
    const part = content.subarray(Number(from), to ? Number(to) + 1 : undefined)
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${content.length}`
    response.writeHead(206, { ...type, 'Content-Range': range, 'Content-Length': part.length }).end(part)
  })
  return { ...server, requests, authorizationSeen }
}

export type WebHost = Awaited<ReturnType<typeof startWebHost>>
