import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'

/** Whether the method promises to change nothing. */
export const isSafe = ({ method }: IncomingMessage) => ['GET', 'HEAD', 'OPTIONS'].includes(method ?? '')

/**
 * The hosts under which the web process answers: the public one, and loopback at its own port.
 * Anything else is another site's name pointed at this server.
 */
const ownHosts = ({ publicUrl, port }: { publicUrl: string; port: number }): ReadonlySet<string> =>
  new Set([new URL(publicUrl).host, `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])

/** What a browser says in Origin when it is one of Slipway's own pages that asks. */
const ownOrigins = (settings: { publicUrl: string; port: number }): ReadonlySet<string> =>
  new Set([
    new URL(settings.publicUrl).origin,
    ...[...ownHosts(settings)].slice(1).map((host) => `http://${host}`),
  ])

/** Whether a page of the very host that is asked asks: for machines' hosts, each an origin of its own. */
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
export const originCheck = (settings: { publicUrl: string; port: number }): RequestHandler => {
  const hosts = ownHosts(settings)
  const origins = ownOrigins(settings)
  const isOwn = (req: IncomingMessage) => isSameOrigin(req) && origins.has(req.headers.origin ?? '')
  return (req, res, next) => {
    if (!hosts.has(req.headers.host ?? ''))
      res
        .status(421)
        .type('text')
        .send('This server does not answer under that name. Set PUBLIC_URL to the one in use.\n')
    else if (!isSafe(req) && bearerToken(req) === undefined && !isOwn(req))
      res
        .status(403)
        .type('text')
        .send("This request came from another site, so it was refused. It needs this site's Origin.\n")
    else next()
  }
}
