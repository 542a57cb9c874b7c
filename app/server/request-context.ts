import type { Request, Response } from 'express'
import { isWholeApiToken } from '../../db/api-token-format'
import { findApiToken } from '../../db/api-tokens'
import { findSession } from '../../db/sessions'
import type { Context, OwnCookie, Services } from '../trpc/context'
import { cookieName, hostCookie, readCookie } from './cookies'
import { bearerToken } from './origin-check'

const USER_AGENT_MAX = 300

interface Options {
  secure: boolean
  addressOf(req: Request): string
}

/** Who asks, by API token or cookie, and how to change the cookies: for pages and procedures alike. */
export function requestContext(services: Services, { secure, addressOf }: Options) {
  const { db, clock } = services
  return (req: Request, res: Response): Context => {
    const from = {
      address: addressOf(req),
      userAgent: (req.headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX),
    }
    const read = (name: OwnCookie) => readCookie(req.headers.cookie, cookieName(name, secure))
    const apiToken = readApiToken(services, bearerToken(req))
    const secret = read('session')
    return {
      ...services,
      from,
      afterAnswer: (work) => res.once('close', work),
      apiToken,
      // A token speaks for itself: a browser's cookie must not lend it more rights.
      session: secret && !apiToken ? findSession(db, secret, clock, from) : undefined,
      cookies: {
        get: read,
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
}

function readApiToken(
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
