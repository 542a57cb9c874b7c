import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'

/** Whether the method promises to change nothing. */
export const isSafe = ({ method }: IncomingMessage) => ['GET', 'HEAD', 'OPTIONS'].includes(method ?? '')

/**
 * The hosts under which the web process answers: the public one, and loopback at its own port.
 * Anything else is another site's name pointed at this server.
 */
export const ownHosts = ({ publicUrl, port }: { publicUrl: string; port: number }): ReadonlySet<string> =>
  new Set([new URL(publicUrl).host, `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])

/** Whether a request may change something: a browser says in Origin which site asks, and it must be this one. */
export const isSameOrigin = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined && originHost(headers.origin) === headers.host

const originHost = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined)

/**
 * What a request brings to speak for itself: no page of another site can make a browser send it, and next
 * to it no cookie counts. Other schemes, as of a proxy in front, are not for Slipway.
 */
export const bearerToken = ({ headers }: IncomingMessage): string | undefined =>
  /^bearer\b *(.*)$/i.exec(headers.authorization?.trim() ?? '')?.[1]

/** One check for pages, actions and procedures alike, before any of them sees the request. */
export const originCheck =
  (hosts: ReadonlySet<string>): RequestHandler =>
  (req, res, next) => {
    if (!hosts.has(req.headers.host ?? ''))
      res
        .status(421)
        .type('text')
        .send('This server does not answer under that name. Set PUBLIC_URL to the one in use.\n')
    else if (!isSafe(req) && bearerToken(req) === undefined && !isSameOrigin(req))
      res
        .status(403)
        .type('text')
        .send("This request came from another site, so it was refused. It needs this site's Origin.\n")
    else next()
  }
