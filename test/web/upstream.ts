import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net'
import { onTestFinished } from 'vitest'

const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A service as machines run it: keeps what it was asked, answers what the test says, echoes websockets. */
export async function startUpstream(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    response.end('hello'),
) {
  const requests: { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders }[] = []
  const keep = ({ method, url, headers }: IncomingMessage) =>
    requests.push({ method, url, headers: { ...headers } })
  const server = createServer((request, response) => {
    keep(request)
    answer(request, response)
  })
  server.on('upgrade', (request, socket) => {
    keep(request)
    const key = createHash('sha1')
      .update(request.headers['sec-websocket-key'] + WEBSOCKET_GUID)
      .digest('base64')
    socket.on('error', () => socket.destroy())
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${key}\r\nSet-Cookie: slipway_session=planted\r\n\r\n`,
    )
    socket.on('data', (frame: Buffer) => socket.write(unmask(frame)))
    socket.on('end', () => socket.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sockets = trackSockets(server)
  const close = () => {
    sockets.end()
    return new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(async () => {
    if (server.listening) await close()
  })
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, requests, close, sockets }
}

/** Every connection of a server, upgraded ones too. */
export function trackSockets(server: NetServer) {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return {
    count: () => open.size,
    /** Bytes that wait to be taken. */
    buffered: () => [...open].reduce((bytes, socket) => bytes + socket.writableLength, 0),
    end: () => {
      for (const socket of open) socket.destroy()
    },
  }
}

/**
 * A service that need not talk HTTP.
 * @param answer what it does with a connection and the first bytes that come over it
 */
export async function startRawUpstream(answer: (socket: Socket, head: string) => void) {
  const received: string[] = []
  const server = createNetServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (head) => {
      received.push(String(head))
      answer(socket, String(head))
    })
  })
  const sockets = trackSockets(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    sockets.end()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, received, sockets }
}

/** One short frame of a client, as a server sends it. */
function unmask(frame: Buffer): Buffer {
  const length = (frame[1] as number) & 0x7f
  const key = frame.subarray(2, 6)
  const payload = frame.subarray(6, 6 + length).map((byte, at) => byte ^ (key[at % 4] as number))
  return Buffer.concat([Buffer.from([frame[0] as number, length]), payload])
}
