import type { RequestHandler } from 'express'

const SILENCE_MAX_MS = 30_000

/**
 * Refuses bodies that no form or procedure of the app has use for, before anybody reads them.
 * A body has to say its length: Node holds it to that.
 */
export const bodyLimit =
  (bytesMax: number): RequestHandler =>
  (req, res, next) => {
    const length = Number(req.headers['content-length'] ?? 0)
    if (req.headers['transfer-encoding'])
      res.status(411).type('text').send('Send the length of the body in Content-Length.\n')
    else if (length > bytesMax)
      res.status(413).type('text').send(`The request is larger than ${bytesMax} bytes, so it was refused.\n`)
    else {
      if (length) {
        req.setTimeout(SILENCE_MAX_MS)
        // The connection may serve a machine next, where silence is allowed. Before Node's own listener, which
        // sets how long the connection may lie idle.
        res.prependOnceListener('finish', () => req.setTimeout(0))
      }
      next()
    }
  }
