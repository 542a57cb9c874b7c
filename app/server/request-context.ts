import type { Request, Response } from 'express'
import { isWholeApiToken } from '../../db/api-token-format'
import { findApiToken } from '../../db/api-tokens'
import { findSession, type RequestSource } from '../../db/sessions'
import type { Span } from '../../telemetry/tracing'
import type { Context, OwnCookie, Services } from '../trpc/context'
import { cookieName, hostCookie, readCookie } from './cookies'
import { bearerToken } from './origin-check'

const USER_AGENT_MAX = 300

/** What is known of every request before anybody looks who asks. */
export interface RequestLocals {
  requestId: string
  span: Span | undefined
}

interface Options {
  secure: boolean
  addressOf(req: Request): string
}

/** Who asks, by API token or cookie, and how to change the cookies: for pages and procedures alike. */
export function requestContext(services: Services, { secure, addressOf }: Options) {
  const { db, clock } = services
  const read = (req: Request, name: OwnCookie) => readCookie(req.headers.cookie, cookieName(name, secure))

  /** @param from the use that this is; without it only a look */
  function credentials(req: Request, from?: RequestSource): Pick<Context, 'session' | 'apiToken'> {
    const apiToken = readApiToken(services, bearerToken(req))
    // A token speaks for itself: a browser's cookie must not lend it more rights.
    const secret = apiToken ? undefined : read(req, 'session')
    return { apiToken, session: secret ? findSession(db, secret, clock, from) : undefined }
  }

  function contextOf(req: Request, res: Response): Context {
    const userAgent = (req.headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX)
    const from = { address: addressOf(req), userAgent }
    const { requestId, span } = res.locals as RequestLocals
    return {
      ...services,
      logger: services.logger.child({ requestId }),
      requestId,
      span,
      ...credentials(req, from),
      from,
      tellToWait: (seconds, status) => {
        res.setHeader('Retry-After', String(seconds))
        res.locals.waitStatus = status
      },
      afterAnswer: (work) => res.once('close', work),
      cookies: {
        get: (name) => read(req, name),
        set: (name, value, lifeSeconds) =>
          res.append(
            'Set-Cookie',
            hostCookie(cookieName(name, secure), value ?? '', {
              maxAgeSeconds: value === undefined ? 0 : lifeSeconds,
              secure,
            }),
          ),
      },
    }
  }
  return { contextOf, credentials }
}

/** @returns what the token gives, or why it gives nothing; undefined without one */
export function readApiToken(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  token: string | undefined,
): Context['apiToken'] {
  if (token === undefined) return undefined
  if (!isWholeApiToken(token))
    return {
      refusal: 'This is no whole API token: a character is missing, too many or wrong. Copy it again.',
    }
  const grant = findApiToken(db, token, clock)
  return grant ? { grant } : { refusal: 'This API token is unknown, was revoked or has expired.' }
}
