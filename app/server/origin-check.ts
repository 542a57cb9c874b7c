import type { IncomingMessage } from 'node:http'
import type { Request, RequestHandler } from 'express'
import { PROGRAM_PATHS } from './program-paths'
import { refuse } from './refuse'

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
 * Whether a page of another host loads or embeds something, which browsers say in Sec-Fetch-*: also a
 * neighbour of the same domain, whose requests carry the cookie. To follow a link is everybody's right.
 */
export const isLoadedFromElsewhere = ({ headers }: IncomingMessage): boolean => {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers
  const isLink = mode === 'navigate' && dest === 'document'
  return !isLink && (site === 'cross-site' || site === 'same-site')
}

/**
 * What a request brings to speak for itself: no page of another site can make a browser send it, and next
 * to it no cookie counts. Other schemes, as of a proxy in front, are not for Slipway.
 */
export const bearerToken = ({ headers }: IncomingMessage): string | undefined =>
  /^bearer\b *(.*)$/i.exec(headers.authorization?.trim() ?? '')?.[1]

/** A browser says with every POST where it comes from; a program says nothing. */
const isProgram = ({ headers, path }: Request): boolean =>
  PROGRAM_PATHS.has(path) && headers.origin === undefined && headers['sec-fetch-site'] === undefined

/** One check for pages, actions and procedures alike, before any of them sees the request. */
export const originCheck = (settings: { publicUrl: string; port: number }): RequestHandler => {
  const hosts = ownHosts(settings)
  const origins = ownOrigins(settings)
  const isOwn = (req: IncomingMessage) => isSameOrigin(req) && origins.has(req.headers.origin ?? '')
  const isForeign = (req: IncomingMessage) =>
    !isSafe(req) || req.headers.origin !== undefined ? !isOwn(req) : isLoadedFromElsewhere(req)
  return (req, res, next) => {
    if (!hosts.has(req.headers.host ?? ''))
      refuse(req, res, 421, 'This server does not answer under that name. Set PUBLIC_URL to the one in use.')
    else if (bearerToken(req) === undefined && !isProgram(req) && isForeign(req))
      refuse(
        req,
        res,
        403,
        "This request came from another site, so it was refused. It needs this site's Origin.",
      )
    else next()
  }
}
