import type { Agent, ClientRequest, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { type Fetch, NodeReply } from './reply'

const CONNECT_MAX_MS = 10_000
const SILENCE_MAX_MS = 5 * 60_000
/** By protocol. Node's own would end what hasn't connected after 5 s, whatever a request says. */
const agents = new Map<string, Agent>()

/**
 * As fetch, but by `node:http`, which starts in a tenth of the time; follows no redirect. Hosts under `.localhost` are
 * reached at 127.0.0.1 whatever the resolver makes of them (RFC 6761), as browsers do.
 * @throws TypeError with what went wrong as its cause, as fetch does, or the reason of its signal
 */
export const send: Fetch = async (input, { method = 'GET', headers = {}, body, signal } = {}) => {
  const url = new URL(input)
  const isSecure = url.protocol === 'https:'
  const { Agent, request } = isSecure ? await import('node:https') : await import('node:http')
  const agent = agents.get(url.protocol) ?? new Agent({ keepAlive: true })
  agents.set(url.protocol, agent)
  signal?.throwIfAborted()
  const options: RequestOptions = {
    method,
    agent,
    headers: { host: url.host, accept: '*/*', ...typeOf(body), ...headers },
    ...(!isSecure && url.hostname.endsWith('.localhost') && { hostname: '127.0.0.1' }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, options)
    endWith(signal, sent)
    sent.on('error', (cause) =>
      reject(signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause })),
    )
    sent.on('socket', (socket) => endLateConnection(socket, isSecure ? 'secureConnect' : 'connect'))
    sent.setTimeout(SILENCE_MAX_MS, () => sent.destroy(late()))
    sent.on('response', (answer) => resolve(new NodeReply(answer, url.href, signal ?? undefined)))
    sent.end(body?.toString())
  })
}

/**
 * As the option of that name, but without an error: Node 20 has nobody listen for it on the connection of an answer
 * that has come whole and isn't read yet, and the process would end.
 */
function endWith(signal: AbortSignal | null | undefined, sent: ClientRequest): void {
  const end = () => sent.destroy()
  signal?.addEventListener('abort', end)
  sent.once('close', () => signal?.removeEventListener('abort', end))
}

const typeOf = (body: unknown) =>
  body instanceof URLSearchParams && { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }

function endLateConnection(socket: Socket, connected: 'connect' | 'secureConnect'): void {
  if (!socket.connecting) return
  const timer = setTimeout(() => socket.destroy(late()), CONNECT_MAX_MS)
  for (const event of [connected, 'close']) socket.once(event, () => clearTimeout(timer))
}

const late = () => Object.assign(new Error('Nothing came.'), { code: 'ETIMEDOUT' })
