import { request } from 'node:https'

const OFF_MS = 5 * 60_000
const PATIENCE_MS = 5_000

/** @returns a sentence, with a blank before it, when this computer's clock differs from the server's; or '' */
export function clockSentence(date: string | null | undefined, now: number): string {
  const servers = date ? Date.parse(date) : Number.NaN
  if (Number.isNaN(servers) || Math.abs(servers - now) <= OFF_MS) return ''
  return ` The clock is off: this computer says ${minute(now)}, the server ${minute(servers)}. Set the one that is wrong.`
}

export const minute = (time: number) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/**
 * What time a server says it is whose certificate can't be trusted: only for a sentence about clocks, and nothing
 * but the question is sent.
 */
export const askForDate = (url: URL): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { hostname, port } = url
    const asked = request(
      {
        hostname,
        port,
        method: 'HEAD',
        path: '/',
        rejectUnauthorized: false,
        agent: false,
        timeout: PATIENCE_MS,
      },
      (answer) => {
        resolve(answer.headers.date)
        answer.destroy()
      },
    )
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
