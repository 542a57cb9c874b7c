import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  STATUS_CODES,
  validateHeaderValue,
} from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { UpgradeAnswer } from '../server/request-log'
import { NoAnswer } from './no-answer'
import { responseHeaders } from './response-headers'

interface Way {
  upstream: URL
  headers: IncomingHttpHeaders
  /** Told what the service answered. */
  answer: UpgradeAnswer
  handshakeMaxMs: number
  /** How long nobody may say anything, as on a page that was left open. */
  silenceMaxMs: number
}

const UPGRADE = { connection: 'Upgrade', upgrade: 'websocket' }

/**
 * Hands a websocket on: once both sides agreed, whatever one of them says goes to the other, and when one
 * ends so does the other.
 * @returns once the service has accepted or refused
 * @throws NoAnswer when it did neither; then nothing has been sent
 */
export function forwardSocket(
  req: IncomingMessage,
  socket: Socket,
  { upstream, headers, answer, handshakeMaxMs, silenceMaxMs }: Way,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) => {
      reject(cause instanceof NoAnswer ? cause : new NoAnswer('unreachable', cause))
      outgoing.destroy()
    }
    const headOf = (response: IncomingMessage, own: IncomingHttpHeaders) => {
      const passed = responseHeaders(response.headers, upstream)
      const head = answerHead(response, { ...passed, ...own, 'x-request-id': answer.requestId })
      answer.status = response.statusCode
      return head
    }
    // Read from the beginning, or nobody would notice that the browser has gone. It has nothing to say yet.
    const leave = () => socket.destroy()
    socket.on('data', leave).on('end', leave)
    socket.once('close', () => outgoing.destroy())
    const outgoing = request({
      host: upstream.hostname,
      port: upstream.port,
      path: req.url,
      headers: { ...headers, ...UPGRADE },
      agent: false,
    })
    outgoing.setTimeout(handshakeMaxMs, () => outgoing.destroy(new NoAnswer('silent')))
    outgoing.on('error', fail)
    outgoing.once('close', () => fail())
    outgoing.once('upgrade', (response, service: Socket, head) => {
      service.on('error', () => service.destroy())
      service.once('close', () => socket.destroySoon())
      socket.once('close', () => service.destroy())
      service.setTimeout(0)
      socket.setTimeout(silenceMaxMs, () => socket.destroy())
      socket.setNoDelay(true)
      try {
        socket.write(headOf(response, UPGRADE))
      } catch (error) {
        service.destroy()
        return fail(error)
      }
      socket.off('data', leave).off('end', leave)
      service.unshift(head)
      service.pipe(socket).pipe(service)
      resolve()
    })
    outgoing.once('response', (response) => {
      try {
        socket.write(headOf(response, { connection: 'close' }))
      } catch (error) {
        return fail(error)
      }
      resolve()
      socket.setTimeout(handshakeMaxMs, () => socket.destroy())
      pipeline(response, socket, () => outgoing.destroy())
    })
    outgoing.end()
  })
}

/** The beginning of an answer as it goes over the wire. @throws when a part of it can't be sent */
function answerHead({ statusCode = 0 }: IncomingMessage, headers: IncomingHttpHeaders): Buffer {
  const reason = STATUS_CODES[statusCode]
  if (!reason) throw new Error(`The service answered ${statusCode}.`)
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => {
      validateHeaderValue(name, one)
      return `${name}: ${one}`
    }),
  )
  return Buffer.from(`${[`HTTP/1.1 ${statusCode} ${reason}`, ...lines].join('\r\n')}\r\n\r\n`, 'latin1')
}
