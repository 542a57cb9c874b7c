import type { IncomingHttpHeaders } from 'node:http'
import { API_TOKEN_PATTERN } from '../../db/api-token-format'
import { isOwnCookie } from '../server/cookies'
import { withoutHopByHop } from './hop-by-hop'

/**
 * What a browser or another proxy says of itself, and a service must not believe or need not know.
 * ComfyUI refuses a `Sec-Fetch-Site` of another site; who may ask was decided before. What is expected
 * (`100-continue`) Node has answered.
 */
const DROPPED = /^(forwarded|x-forwarded-.*|x-real-ip|sec-fetch-.*|expect)$/
const API_TOKEN = new RegExp(API_TOKEN_PATTERN)

interface Way {
  upstream: URL
  client: { address: string; protocol: 'http' | 'https' }
}

/**
 * Makes a request look as if it came from the service's own page: ComfyUI and the filebrowser refuse
 * anything else on loopback. Who asked stands in X-Forwarded-*. Slipway's cookies and API tokens stay here.
 */
export function requestHeaders(
  received: IncomingHttpHeaders,
  { upstream, client }: Way,
): IncomingHttpHeaders {
  const headers = withoutHopByHop(received)
  for (const [name, value] of Object.entries(headers))
    if (DROPPED.test(name) || API_TOKEN.test(String(value))) delete headers[name]
  headers['x-forwarded-for'] = client.address
  headers['x-forwarded-proto'] = client.protocol
  headers['x-forwarded-host'] = received.host
  headers.host = upstream.host
  if (headers.origin) headers.origin = upstream.origin
  const cookies = headers.cookie?.split(';').filter((part) => !isOwnCookie(part.trim()))
  if (cookies?.length) headers.cookie = cookies.join(';')
  else delete headers.cookie
  return headers
}
