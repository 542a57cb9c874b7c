import type { IncomingHttpHeaders } from 'node:http'
import { isOwnCookie } from '../server/cookies'
import { withoutHopByHop } from './hop-by-hop'

/** What would reach beyond the one host, and the one port, that it is said on. */
const DROPPED = ['strict-transport-security', 'clear-site-data', 'service-worker-allowed', 'alt-svc']
/** What names the request in Slipway's log, and so is Slipway's to say. */
const OWN = 'x-request-id'

/**
 * An answer without what concerns more than its own host, and without cookies that pose as Slipway's.
 * Node frames the body anew.
 * @param upstream where the service takes itself to be; a redirect there stays on the machine's host
 */
export function responseHeaders(received: IncomingHttpHeaders, upstream: URL): IncomingHttpHeaders {
  const headers = withoutHopByHop(received)
  delete headers['transfer-encoding']
  for (const name of [...DROPPED, OWN]) delete headers[name]
  const { location, 'set-cookie': cookies } = headers
  if (location) headers.location = onThisHost(location, upstream)
  if (cookies) headers['set-cookie'] = cookies.filter(mayBeSet)
  return headers
}

/** A browser sends `=slipway_x` back as `slipway_x`: a cookie without a name is named by its value. */
const mayBeSet = (cookie: string) =>
  !isOwnCookie(cookie.replace(/^[\s=]+/, '')) && !/;\s*domain\s*(=|;|$)/i.test(cookie)

function onThisHost(location: string, upstream: URL): string {
  if (!/^(http:)?\/\//i.test(location) || !URL.canParse(location, upstream)) return location
  const { host, pathname, search, hash } = new URL(location, upstream)
  // Two slashes at the beginning would name another host.
  return host === upstream.host ? pathname.replace(/^\/+/, '/') + search + hash : location
}
