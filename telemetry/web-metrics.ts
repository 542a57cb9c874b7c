import type { Clock, Db } from '../db/open'
import { commonMetrics } from './common-metrics'
import { instruments } from './instruments'
import type { RouteGroup } from './request-route'
import { storedGauges } from './stored-gauges'

const ANSWER_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

interface Answer {
  method: string | undefined
  status: number
  /** Whether it was sent to its end. */
  isWhole: boolean
  /** Undefined for streams, which take as long as somebody listens. */
  seconds: number | undefined
}

/** What the web process counts, in a registry of its own, and what the database says when it is read. */
export function webMetrics({ db, clock, dataDir }: { db: Db; clock: Clock; dataDir: string }) {
  const made = instruments()
  const { registry, counter, gauge, histogram } = made
  const requests = counter(
    'slipway_http_requests_total',
    'HTTP requests, by group of routes, method and class of the status; `aborted` where no whole answer was sent.',
    ['route', 'method', 'status'],
  )
  const seconds = histogram(
    'slipway_http_request_seconds',
    'Seconds until an HTTP request was answered, streams left out.',
    ANSWER_SECONDS,
    ['route', 'method'],
  )
  const proxyBytes = counter(
    'slipway_proxy_bytes_total',
    'Bytes on the connections of clients to machines, looked at every 15 s: `received` from them, `sent` to them.',
    ['direction'],
  )
  storedGauges(gauge, db, clock)
  return {
    registry,
    ...commonMetrics(made, dataDir),
    proxySockets: gauge('slipway_proxy_open_sockets', 'Websockets to machines that are open now.'),
    proxied: (received: number, sent: number) => {
      proxyBytes.inc({ direction: 'received' }, received)
      proxyBytes.inc({ direction: 'sent' }, sent)
    },
    answered(route: RouteGroup, { method: given = '', status: code, isWhole, seconds: took }: Answer): void {
      const method = METHODS.has(given) ? given : 'other'
      const status = isWhole ? `${Math.floor(code / 100)}xx` : 'aborted'
      requests.inc({ route, method, status })
      if (took !== undefined) seconds.observe({ route, method }, took)
    },
  }
}

export type WebMetrics = ReturnType<typeof webMetrics>
