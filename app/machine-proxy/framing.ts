import type { IncomingMessage } from 'node:http'

/**
 * Whether a request says without doubt where it ends and whom it asks. What two servers in a row could read
 * differently is refused rather than passed on. Node's parser has refused two lengths, a length beside
 * chunks, folded lines and malformed chunks by now.
 */
export function isWellFramed(req: IncomingMessage): boolean {
  const coding = req.headers['transfer-encoding']
  return (
    req.url?.startsWith('/') === true &&
    req.headersDistinct.host?.length === 1 &&
    (coding === undefined || (coding.toLowerCase() === 'chunked' && req.httpVersion === '1.1'))
  )
}

/** The same for one that becomes a websocket: it has no body, and nothing may come before it was accepted. */
export const isWellFramedUpgrade = (req: IncomingMessage, head: Buffer): boolean =>
  isWellFramed(req) &&
  req.method === 'GET' &&
  req.headers.upgrade?.toLowerCase() === 'websocket' &&
  req.headers['transfer-encoding'] === undefined &&
  Number(req.headers['content-length'] ?? 0) === 0 &&
  head.length === 0
