import type { IncomingMessage, ServerResponse } from 'node:http'
import { bearerToken } from '../server/origin-check'
import { noticePage } from './notice-page'

export interface Notice {
  status: number
  title: string
  text: string
  /** What the link to Slipway is called. */
  link: string
  /** When to ask again. A browser does so by itself. */
  retryAfterSeconds?: number
}

const STARTS = { status: 503, link: 'Watch it start', retryAfterSeconds: 5 }

export const NOTICES = {
  unknown: {
    status: 404,
    title: 'Nothing here for you',
    text: 'There is no such machine, or this browser has not opened it. Open it from its page in Slipway.',
    link: 'Your machines',
  },
  queued: {
    ...STARTS,
    title: 'In the queue',
    text: 'The machine has not started yet. This page goes on by itself once it has.',
  },
  starting: {
    ...STARTS,
    title: 'Starting',
    text: 'The machine is not ready yet. This page goes on by itself once it is.',
  },
  stopping: {
    status: 503,
    title: 'Stopping',
    text: 'The machine is about to end. Its files are kept.',
    link: 'To the machine',
  },
  stopped: {
    status: 410,
    title: 'Stopped',
    text: 'The machine has ended. Its files are kept: launch it again to go on.',
    link: 'Launch it again',
  },
  failed: {
    status: 503,
    title: 'Not running',
    text: 'The machine has failed. Its page says why.',
    link: 'See why',
  },
  cross_origin: {
    status: 403,
    title: 'Refused',
    text: 'The request came from another site.',
    link: 'To the machine',
  },
  malformed: {
    status: 400,
    title: 'Malformed request',
    text: 'The request can be read in more than one way, so it was refused.',
    link: 'To the machine',
  },
  unreachable: {
    status: 502,
    title: 'No answer',
    text: 'The service cannot be reached, or its answer made no sense. It may be restarting: try again in a moment.',
    link: 'To the machine',
  },
  silent: {
    status: 504,
    title: 'No answer in time',
    text: 'The service took the request and then said nothing for too long.',
    link: 'To the machine',
  },
  unavailable: {
    status: 503,
    title: 'One moment',
    text: 'Slipway could not look this machine up just now. Try again in a moment.',
    link: 'To the machine',
    retryAfterSeconds: 1,
  },
} satisfies Record<string, Notice>
export type NoticeKind = keyof typeof NOTICES

/**
 * What the proxy itself has to say: a page for browsers, JSON for programs. Nothing of the request goes
 * into it.
 * @param href the page of Slipway that helps
 */
export function sendNotice(req: IncomingMessage, res: ServerResponse, kind: NoticeKind, href: string): void {
  const notice: Notice = NOTICES[kind]
  const { status, text, retryAfterSeconds } = notice
  const isPage = req.headers.accept?.includes('text/html') === true && bearerToken(req) === undefined
  const again = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
  const reload = isPage && req.method === 'GET' && retryAfterSeconds ? { Refresh: retryAfterSeconds } : {}
  res.writeHead(status, {
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/json',
    'Cache-Control': 'no-store',
    Vary: 'Accept',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    ...again,
    ...reload,
    // Where one request ends and the next begins is in doubt.
    ...(kind === 'malformed' && { Connection: 'close' }),
  })
  res.end(
    isPage
      ? noticePage(notice, href)
      : `${JSON.stringify({ error: { code: kind, message: text, page: href } })}\n`,
  )
}
