import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isOwnCookie } from '../server/cookies'

/**
 * What a browser or another proxy says of itself, and a service must not believe or need not know.
 * ComfyUI refuses a `Sec-Fetch-Site` of another site; who may ask was decided before.
 */
const DROPPED_REQUEST_HEADERS =
  /^(forwarded|x-forwarded-.*|x-real-ip|sec-fetch-.*|proxy-.*|te|trailer|keep-alive)$/

/** What would reach beyond the one host that it is said on. */
const DROPPED_RESPONSE_HEADERS = ['strict-transport-security', 'clear-site-data', 'service-worker-allowed']

interface Way {
  upstream: URL
  client: { address: string; protocol: 'http' | 'https' }
}

/**
 * Makes a request look as if it came from the service's own page: ComfyUI and the filebrowser refuse
 * anything else on loopback. Who asked stands in X-Forwarded-*. Slipway's cookies stay here.
 */
export function rewriteRequestHeaders(headers: IncomingHttpHeaders, { upstream, client }: Way): void {
  for (const name of Object.keys(headers)) if (DROPPED_REQUEST_HEADERS.test(name)) delete headers[name]
  headers['x-forwarded-for'] = client.address
  headers['x-forwarded-proto'] = client.protocol
  headers['x-forwarded-host'] = headers.host
  headers.host = upstream.host
  if (headers.origin) headers.origin = upstream.origin
  const cookies = headers.cookie?.split(';').filter((part) => !isOwnCookie(part.trim()))
  if (cookies?.length) headers.cookie = cookies.join(';')
  else delete headers.cookie
}

/**
 * Takes out of an answer what concerns more than its own host, and cookies that pose as Slipway's.
 * @param upstream where the service takes itself to be; a redirect there stays on the machine's host
 */
export function rewriteResponseHeaders(response: IncomingMessage, upstream: string): void {
  const { location } = response.headers
  if (location?.startsWith(`${upstream}/`)) response.headers.location = location.slice(upstream.length)
  for (const name of DROPPED_RESPONSE_HEADERS) delete response.headers[name]
  const cookies = response.headers['set-cookie']
  if (cookies)
    response.headers['set-cookie'] = cookies.filter(
      (cookie) => !isOwnCookie(cookie.trim()) && !/;\s*domain\s*=/i.test(cookie),
    )
}
