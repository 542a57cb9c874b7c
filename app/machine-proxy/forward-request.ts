import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { NoAnswer } from './no-answer'
import { responseHeaders } from './response-headers'

interface Way {
  upstream: URL
  headers: IncomingHttpHeaders
  /** How long nothing may pass in either direction. */
  silenceMaxMs: number
}

/**
 * Hands a request on and streams its answer back, each as fast as the other side takes it. Every request has
 * a connection of its own: nothing of one can run into another, and a port that changes hands is never asked
 * over an old connection.
 * @returns once the answer has been sent, or broken off on either side
 * @throws NoAnswer while nothing has been sent yet
 */
export function forwardRequest(
  req: IncomingMessage,
  res: ServerResponse,
  { upstream, headers, silenceMaxMs }: Way,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let answered = false
    const fail = (cause?: unknown) => {
      if (!answered) reject(cause instanceof NoAnswer ? cause : new NoAnswer('unreachable', cause))
      outgoing.destroy()
    }
    const outgoing = request({
      host: upstream.hostname,
      port: upstream.port,
      method: req.method,
      path: req.url,
      headers,
      agent: false,
    })
    outgoing.setTimeout(silenceMaxMs, () => outgoing.destroy(new NoAnswer('silent')))
    outgoing.on('error', fail)
    // Nobody asked for another protocol.
    outgoing.once('upgrade', (_response, socket) => {
      socket.destroy()
      fail()
    })
    outgoing.once('close', () => {
      fail()
      // An answer may come before the whole request did; its rest has to go somewhere.
      req.unpipe(outgoing)
      req.resume()
    })
    outgoing.once('response', (response) => {
      try {
        if (!isFinal(response)) throw new Error(`The service answered ${response.statusCode}.`)
        res.writeHead(response.statusCode, responseHeaders(response.headers, upstream))
      } catch (error) {
        return fail(error)
      }
      answered = true
      // One that breaks off breaks off for the browser too.
      pipeline(response, res, () => resolve())
    })
    res.once('close', () => outgoing.destroy())
    // The head of an upload does not wait for its first byte.
    if (headers['content-length'] ?? headers['transfer-encoding']) outgoing.flushHeaders()
    req.pipe(outgoing)
  })
}

const isFinal = (response: IncomingMessage): response is IncomingMessage & { statusCode: number } =>
  response.statusCode !== undefined && response.statusCode >= 200
