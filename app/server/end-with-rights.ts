import type { Request, RequestHandler } from 'express'
import type { Context, Services } from '../trpc/context'

type Credentials = Pick<Context, 'session' | 'apiToken'>

/** Who a request speaks for, and with which role; undefined for nobody. */
const speaker = ({ session, apiToken }: Credentials): string | undefined => {
  if (apiToken) return 'grant' in apiToken ? `${apiToken.grant.id} ${apiToken.grant.user.role}` : undefined
  return session && `${session.id} ${session.user.role}`
}

/**
 * Ends an answer that is still being sent, a stream or a long download, when its session or API token has
 * ended or its user's role has changed. Expects the context in `res.locals`.
 */
export const endWithRights =
  (channels: Services['channels'], credentials: (req: Request) => Credentials): RequestHandler =>
  (req, res, next) => {
    const before = speaker(res.locals.context)
    if (before !== undefined) channels.watch(res, () => speaker(credentials(req)) === before)
    next()
  }
