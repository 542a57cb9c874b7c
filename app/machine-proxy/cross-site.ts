import type { IncomingMessage } from 'node:http'
import { isSafe, isSameOrigin } from '../server/origin-check'

/**
 * Whether a page of another host asks: also a neighbour of the same domain, whose requests carry the
 * cookie. To follow a link here is everybody's right; to load, send or embed anything is not.
 */
export function isFromElsewhere(req: IncomingMessage): boolean {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = req.headers
  if (!isSafe(req) || origin !== undefined) return !isSameOrigin(req)
  const isLink = mode === 'navigate' && dest === 'document'
  return !isLink && (site === 'cross-site' || site === 'same-site')
}
