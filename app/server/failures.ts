import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { newId } from '../../db/ids'
import { isBusy, isDiskFull } from '../../db/open'
import { DATABASE_BUSY, DISK_FULL } from '../../errors'

/** A target that is no path, as a proxy is asked or by `*`, and TRACE are nothing that a route can read. */
export const refuseOddTargets: RequestHandler = (req, res, next) => {
  if (req.method === 'TRACE') res.status(405).type('text').send('TRACE is not answered here.\n')
  else if (req.url.startsWith('/')) next()
  else res.status(400).type('text').send('Ask for a path of this server.\n')
}

/** Whatever went wrong before a procedure or a page could say so: the log tells what, the answer only where. */
export const answerFailures =
  (logger: Logger): ErrorRequestHandler =>
  (error, req, res, next) => {
    const errorId = newId()
    logger.error({ err: error, errorId, path: req.path }, 'request failed')
    if (res.headersSent) return next(error)
    const busy = isBusy(error)
    if (busy) res.setHeader('Retry-After', '1')
    const [status, message] = busy
      ? [503, DATABASE_BUSY]
      : isDiskFull(error)
        ? [507, DISK_FULL]
        : [500, `Something went wrong on the server. Its log says more under ${errorId}.`]
    res.status(status)
    if (req.path.startsWith('/trpc'))
      res.json({
        error: { message, code: -32603, data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: res.statusCode } },
      })
    else res.type('text').send(`${message}\n`)
  }
