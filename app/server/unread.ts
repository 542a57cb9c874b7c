import type { RequestHandler } from 'express'

/**
 * Ends an answer that nobody takes: of a stream, no more than what fits into the buffers on the way is made
 * while its reader reads nothing, and not for ever. One that is read is kept up by its pings.
 */
export const endUnread =
  (silenceMaxMs: number): RequestHandler =>
  (req, res, next) => {
    if (!Number(req.headers['content-length'] ?? 0)) {
      res.setTimeout(silenceMaxMs)
      // The connection may serve a machine next, where silence is allowed. Before Node's own listener, which
      // sets how long the connection may lie idle.
      res.prependOnceListener('finish', () => req.setTimeout(0))
    }
    next()
  }
