import type { Request, RequestHandler, Response } from 'express'
import type { Context } from '../trpc/context'
import { covers, lacksScope } from '../trpc/scopes'
import { bytesAtOnce } from './bytes-at-once'
import { refuse } from './refuse'

const SILENCE_MAX_MS = 30_000

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
/** For forms and most procedures; all that strangers can send. */
const BODY_BYTES_MAX = 64 * KIBIBYTE

/** What takes more, the first that fits. Whole paths, so that a batch of procedures takes no more than the rest. */
const LARGER: [path: RegExp, bytesMax: number][] = [
  // Workflows.
  [/^\/trpc\/models\.(publish|read)$/, 4 * MEBIBYTE],
  [/^\/models\/(new|edit)(\.data)?$/, 4 * MEBIBYTE],
  // Calls with pictures inside.
  [/^\/trpc\/modelRequests\.create$/, 32 * MEBIBYTE],
  [/^\/(v1\/)?models\/./, 32 * MEBIBYTE],
]

/** The most that anything here takes. */
export const LARGEST_BODY_BYTES = Math.max(...LARGER.map(([, bytesMax]) => bytesMax))

/** What all of the large ones change. */
const SCOPE = 'models:write'
const RETRY_AFTER_SECONDS = 2

const bytesMaxOf = (path: string) => LARGER.find(([at]) => at.test(path))?.[1] ?? BODY_BYTES_MAX

type Credentials = Pick<Context, 'session' | 'apiToken'>

/**
 * Refuses bodies that no form or procedure of the app has use for, before anybody reads them.
 * A body has to say its length: Node holds it to that.
 * @param credentials who a request speaks for: large bodies are read of those who may use them, a few at a time
 */
export function bodyLimit(credentials: (req: Request) => Credentials): RequestHandler {
  const takeRoom = bytesAtOnce({ ofOneMax: 2 * LARGEST_BODY_BYTES, ofAllMax: 8 * LARGEST_BODY_BYTES })

  /** @returns whether a large body may be read; otherwise it has been refused */
  function admits(req: Request, res: Response, length: number): boolean {
    const { session, apiToken } = credentials(req)
    const grant = apiToken && 'grant' in apiToken ? apiToken.grant : undefined
    const user = grant?.user ?? session?.user
    if (!user) {
      res.setHeader('WWW-Authenticate', 'Bearer realm="slipway"')
      const cure = `Sign in, or send an API token that is good, to send ${BODY_BYTES_MAX} bytes or more.`
      refuse(req, res, 401, cure)
      return false
    }
    if (grant && !covers(grant.scopes, SCOPE)) {
      refuse(req, res, 403, lacksScope(grant.scopes, SCOPE).message)
      return false
    }
    const fault = takeRoom(user.id, length, res)
    if (!fault) return true
    res.setHeader('Retry-After', String(RETRY_AFTER_SECONDS))
    if (fault === 'of one')
      refuse(req, res, 429, 'You send too much at once. Wait for some of it to be answered.')
    else refuse(req, res, 503, 'Too much is being sent at once. Try again in a moment.')
    return false
  }

  return (req, res, next) => {
    const length = Number(req.headers['content-length'] ?? 0)
    const bytesMax = bytesMaxOf(req.path)
    if (req.headers['transfer-encoding'])
      refuse(req, res, 411, 'Send the length of the body in Content-Length.')
    else if (length > bytesMax)
      refuse(req, res, 413, `The request is larger than ${bytesMax} bytes, so it was refused.`)
    else if (length <= BODY_BYTES_MAX || admits(req, res, length)) {
      if (length) {
        req.setTimeout(SILENCE_MAX_MS)
        // The connection may serve a machine next, where silence is allowed. Before Node's own listener, which
        // sets how long the connection may lie idle.
        res.prependOnceListener('finish', () => req.setTimeout(0))
      }
      next()
    }
  }
}
