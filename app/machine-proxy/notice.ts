import type { ServerResponse } from 'node:http'

const NOTICES = {
  unknown: {
    title: 'Nothing here for you',
    text: 'There is no such machine, or this browser has not opened it. Open it from its page in Slipway.',
    link: 'Your machines',
  },
  queued: { title: 'In the queue', text: 'The machine has not started yet.', link: 'Watch it start' },
  starting: { title: 'Starting', text: 'The machine is not ready yet.', link: 'Watch it start' },
  stopping: { title: 'Stopping', text: 'The machine is about to end.', link: 'To the machine' },
  stopped: { title: 'Stopped', text: 'The machine has ended. Its files are kept.', link: 'Launch it again' },
  failed: { title: 'Not running', text: 'The machine has failed. Its page says why.', link: 'See why' },
  cross_origin: { title: 'Refused', text: 'The request came from another site.', link: 'To the machine' },
  no_answer: {
    title: 'No answer',
    text: 'The service did not answer. Try again in a moment.',
    link: 'To the machine',
  },
}
type NoticeKind = keyof typeof NOTICES

const STYLE =
  'html{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto 0;padding:0 1.5rem}h1{font-size:1.25rem}a{color:inherit}'

/** A plain page for what the proxy itself has to say; nothing of the request goes into it. */
export function sendNotice(res: ServerResponse, status: number, kind: NoticeKind, href: string): void {
  const { title, text, link } = NOTICES[kind]
  res.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(
    `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>${title} · Slipway</title><style>${STYLE}</style><main><h1>${title}</h1><p>${text}</p><p><a href="${href}">${link}</a></p></main></html>\n`,
  )
}
