import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'

/**
 * Answers with what a process counts, for whoever sends the token; without one set there is nothing to be found.
 * @param token of the settings
 */
export function metricsAnswer(registry: Registry, token: string | undefined) {
  const wanted = token === undefined ? undefined : digest(`Bearer ${token}`)
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    res.setHeader('Cache-Control', 'no-store')
    const say = (status: number, text: string) =>
      res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
    if (wanted === undefined) return void say(404, 'There are no metrics here: METRICS_TOKEN is not set.')
    if (!timingSafeEqual(digest(req.headers.authorization ?? ''), wanted)) {
      res.setHeader('WWW-Authenticate', 'Bearer realm="slipway-metrics"')
      return void say(401, 'Send METRICS_TOKEN as a bearer token.')
    }
    const text = await registry.metrics()
    res.writeHead(200, { 'Content-Type': registry.contentType }).end(text)
  }
}

/** Of the same length for all, so that comparing them tells nothing. */
const digest = (text: string) => createHash('sha256').update(text).digest()
