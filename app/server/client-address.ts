import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'

/**
 * Who really asks. What a client says of that in X-Forwarded-For counts only when the connection comes from
 * one of the operator's own proxies.
 * @param trustedProxies addresses and CIDR ranges
 * @returns gives an empty text for a connection that has just been torn down
 */
export function clientAddress(trustedProxies: readonly string[]): (req: IncomingMessage) => string {
  const isTrusted = proxyAddr.compile([...trustedProxies])
  return (req) => (proxyAddr(req, isTrusted) ?? '').replace(/^::ffff:/, '')
}
