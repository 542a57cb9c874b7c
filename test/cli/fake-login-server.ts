import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A whole one, as app/server would mint it, and nobody's. */
export const CANARY = 'slipway_cli_CANARY0123456789abcdefghijklmnopqrst'
export const ME = {
  id: 'u1',
  email: 'ana@example.org',
  display_name: 'Ana',
  username: null,
  token_type: 'cli',
  token_created_at: '2026-01-01T00:00:00.000Z',
}

export interface FakeAnswer {
  status?: number
  headers?: Record<string, string>
  /** JSON, unless it is text. */
  body?: unknown
  /** Ends the connection before the answer is whole, or before it began. */
  cut?: 'half-way' | 'before'
  /** Says nothing more from there on. */
  stall?: 'half-way' | 'before'
}
type Answers = FakeAnswer | ((asked: Asked) => FakeAnswer)

export interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** What Slipway answers a login of the command with, on loopback: for what the real one would never say. */
export async function fakeLoginServer(
  answers: Record<string, Answers> = {},
  tls?: { cert: string; key: string },
) {
  const asked: Asked[] = []
  const paths = new Map<string, Answers>([
    ['/api/cli-auth/poll', { body: { status: 'authorized', access_token: CANARY } }],
    ['/api/auth/me', { body: ME }],
    ['/oauth/revoke', { body: {} }],
  ])
  const handler = async (req: IncomingMessage, res: ServerResponse) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const one = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body }
    asked.push(one)
    const answer = paths.get(one.path) ?? { status: 404, body: { error: 'There is no such page.' } }
    send(res, typeof answer === 'function' ? answer(one) : answer)
  }
  const server = tls ? createTlsServer(tls, handler) : createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const url = `http${tls ? 's' : ''}://127.0.0.1:${port}`
  paths.set('/api/cli-auth/start', {
    body: {
      device_code: 'CANARY-device-code',
      user_code: 'BCDF-2345',
      verify_url: `${url}/cli-auth`,
      expires_in: 600,
      poll_interval: 1,
      verification_uri: `${url}/cli-auth`,
      interval: 1,
    },
  })
  for (const [path, answer] of Object.entries(answers)) paths.set(path, answer)
  return {
    url,
    port,
    asked,
    answer: (path: string, answer: Answers) => void paths.set(path, answer),
    /** What was asked of this path. */
    at: (path: string) => asked.filter((one) => one.path === path),
  }
}

function send(res: ServerResponse, { status = 200, headers = {}, body, cut, stall }: FakeAnswer) {
  if (stall === 'before') return
  if (cut === 'before') return void res.destroy()
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '')
  const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json'
  const length = 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(text) }
  res.writeHead(status, { 'content-type': type, ...length, ...headers })
  if (!cut && !stall) return void res.end(text)
  res.write(text.slice(0, text.length / 2), () => cut && res.destroy())
}
