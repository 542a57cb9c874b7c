import type { Request, Response } from 'express'
import { findSession, SESSION_LIFE_SECONDS } from '../../db/sessions'
import type { Context, Services } from '../trpc/context'
import { cookieName, hostCookie, readCookie } from './cookies'

/** Who asks, by cookie, and how to change that: for pages and procedures alike. */
export function requestContext(services: Services, { secure }: { secure: boolean }) {
  const name = cookieName('session', secure)
  return (req: Request, res: Response): Context => {
    const secret = readCookie(req.headers.cookie, name)
    return {
      ...services,
      session: secret ? findSession(services.db, secret, services.clock) : undefined,
      setSessionCookie: (value) =>
        res.append(
          'Set-Cookie',
          hostCookie(name, value ?? '', { maxAgeSeconds: value ? SESSION_LIFE_SECONDS : 0, secure }),
        ),
    }
  }
}
