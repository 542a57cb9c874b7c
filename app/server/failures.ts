import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'pino'
import { isBusy, isDiskFull } from '../../db/open'
import { DATABASE_BUSY, DISK_FULL, wentWrong } from '../../errors'
import { refuse } from './refuse'
import type { RequestLocals } from './request-context'

/** Encoded letters and digits, dot segments, and what a parser of URLs takes for a slash or leaves out. */
const DISGUISE = /[\\\s]|%(3\d|[46][1-9a-f]|[57][\da])|\/(\.|%2e){1,2}(\/|$)/i

/**
 * A target that is no path, as a proxy is asked or by `*`, and TRACE are nothing that a route can read. A path that
 * the router of the pages would read as another one than the checks before it did is refused too.
 */
export const refuseOddTargets: RequestHandler = (req, res, next) => {
  const [path = ''] = req.url.split(/[?#]/, 1)
  if (req.method === 'TRACE') res.status(405).type('text').send('TRACE is not answered here.\n')
  else if (!path.startsWith('/')) res.status(400).type('text').send('Ask for a path of this server.\n')
  else if (DISGUISE.test(path))
    refuse(
      req,
      res,
      400,
      'Ask for the path as it is: without dot segments, and with letters and digits that are not encoded.',
    )
  else next()
}

/** Whatever went wrong before a procedure or a page could say so: the log tells what, the answer only where. */
export const answerFailures =
  (logger: Logger): ErrorRequestHandler =>
  (error, req, res, next) => {
    const { requestId } = res.locals as RequestLocals
    logger.error({ err: error, requestId, method: req.method }, 'request failed')
    if (res.headersSent) return next(error)
    const busy = isBusy(error)
    if (busy) res.setHeader('Retry-After', '1')
    const [status, message] = busy
      ? [503, DATABASE_BUSY]
      : isDiskFull(error)
        ? [507, DISK_FULL]
        : [500, wentWrong(requestId)]
    if (req.path.startsWith('/trpc'))
      res.status(status).json({
        error: { message, code: -32603, data: { code: 'INTERNAL_SERVER_ERROR', httpStatus: status } },
      })
    else refuse(req, res, status, message)
  }
