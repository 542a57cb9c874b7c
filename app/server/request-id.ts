import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'
import { newId } from '../../db/ids'

const SHAPE = /^[A-Za-z0-9._-]{8,64}$/

/**
 * The id under which a request is found in the logs of web and workers.
 * @param trustedProxies whose X-Request-Id is taken over, where it has the shape of one; anybody else's is not
 */
export function requestIds(trustedProxies: readonly string[]): (req: IncomingMessage) => string {
  const isTrusted = proxyAddr.compile([...trustedProxies])
  return ({ headers, socket }) => {
    const given = headers['x-request-id']
    const mayBeTaken = typeof given === 'string' && SHAPE.test(given)
    return mayBeTaken && isTrusted(socket.remoteAddress ?? '', 0) ? given : newId()
  }
}
