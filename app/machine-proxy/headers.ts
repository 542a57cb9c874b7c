import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isOwnCookie } from '../server/cookies'

/** What a browser or another proxy says of itself, and a service must not believe or need not know. */
const DROPPED_REQUEST_HEADERS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  // ComfyUI refuses `cross-site`; who may ask was decided before.
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
]

/** What would reach beyond the one host that it is said on. */
const DROPPED_RESPONSE_HEADERS = ['strict-transport-security', 'clear-site-data', 'service-worker-allowed']

/**
 * Makes a request look as if it came from the service's own page: ComfyUI and the filebrowser refuse
 * anything else on loopback. Slipway's cookies stay here.
 */
export function rewriteRequestHeaders(headers: IncomingHttpHeaders, upstream: URL): void {
  for (const name of DROPPED_REQUEST_HEADERS) delete headers[name]
  headers.host = upstream.host
  if (headers.origin) headers.origin = upstream.origin
  const cookies = headers.cookie?.split(';').filter((part) => !isOwnCookie(part.trim()))
  if (cookies?.length) headers.cookie = cookies.join(';')
  else delete headers.cookie
}

/** Takes out of an answer what concerns more than its own host, and cookies that pose as Slipway's. */
export function rewriteResponseHeaders(response: IncomingMessage): void {
  for (const name of DROPPED_RESPONSE_HEADERS) delete response.headers[name]
  const cookies = response.headers['set-cookie']
  if (cookies)
    response.headers['set-cookie'] = cookies.filter(
      (cookie) => !isOwnCookie(cookie.trim()) && !/;\s*domain\s*=/i.test(cookie),
    )
}
