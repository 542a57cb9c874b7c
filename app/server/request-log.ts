import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RouteGroup } from '../../telemetry/request-route'
import type { Span } from '../../telemetry/tracing'
import type { Services } from '../trpc/context'
import { isSafe } from './origin-check'

export interface NotedRequest {
  requestId: string
  route: { group: RouteGroup; path: string }
  span: Span | undefined
  /** Who asked, once that is known. */
  userId(): string | undefined
}

/**
 * Counts a request and writes a line of it once it is over: what changes something, and what went wrong on the
 * server, where every log has it; the rest, of which there is much, and what machines answer, only where the log
 * is to have more.
 */
export function noteRequest(
  { logger, metrics }: Pick<Services, 'logger' | 'metrics'>,
  req: IncomingMessage,
  res: ServerResponse,
  { requestId, route, span, userId }: NotedRequest,
): void {
  const begun = performance.now()
  const { method } = req
  // What answers listens too, in more places than Node takes for sound.
  res.setMaxListeners(20)
  res.once('close', () => {
    const ms = performance.now() - begun
    const { statusCode: status, writableFinished: isWhole } = res
    span?.set({ 'http.response.status_code': res.statusCode })
    span?.end()
    const isStream = String(res.getHeader('content-type') ?? '').startsWith('text/event-stream')
    metrics.answered(route.group, { method, status, isWhole, seconds: isStream ? undefined : ms / 1000 })
    // What runs in somebody's machine answers as it likes, and could fill every log.
    const isOwn = route.group !== 'machines'
    const isTold = (!isSafe(req) && status < 400) || status >= 500
    const level = isOwn && isTold ? 'info' : 'debug'
    const who = { requestId, userId: userId() }
    logger[level](
      { ...who, method, path: route.path, status, ms: Math.round(ms), ...(!isWhole && { aborted: true }) },
      'request',
    )
  })
}

/** What is answered to somebody who asks for a websocket. */
export interface UpgradeAnswer {
  readonly requestId: string
  /** Undefined until it is answered, which it may never be. */
  status: number | undefined
}

/** Writes a line of a websocket to a machine once it is over. */
export function noteUpgrade(
  { logger }: Pick<Services, 'logger'>,
  socket: Duplex,
  answer: UpgradeAnswer,
): void {
  const begun = performance.now()
  socket.once('close', () => {
    const ms = Math.round(performance.now() - begun)
    const { requestId, status } = answer
    logger.debug({ requestId, method: 'GET', path: 'a machine', status, ms, upgrade: true }, 'request')
  })
}
