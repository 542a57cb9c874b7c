import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { metricsAnswer } from '../telemetry/metrics-answer'
import type { TelemetrySettings } from '../telemetry-settings'

interface Parts {
  registry: Registry
  token: string | undefined
  logger: Logger
}

/** `/healthz` and `/metrics` of a worker, which has no other address. */
export function metricsServer({ registry, token, logger }: Parts): Server {
  const answer = metricsAnswer(registry, token)
  return createServer((req, res) => {
    const [path] = (req.url ?? '').split('?', 1)
    if (req.method !== 'GET' && req.method !== 'HEAD') res.writeHead(405, { Allow: 'GET, HEAD' }).end()
    else if (path === '/healthz')
      res.writeHead(200, { 'Content-Type': 'application/json' }).end('{"ok":true}')
    else if (path === '/metrics')
      answer(req, res).catch((error) => {
        logger.error({ err: error }, 'metrics')
        res.writeHead(500).end()
      })
    else res.writeHead(404).end()
  })
}

/**
 * Where a port is set. Launches matter more than metrics: a worker whose port another one has goes on without.
 * @returns what listens, if anything does
 */
export async function serveMetrics(
  { workerMetricsPort, host, metricsToken: token }: TelemetrySettings & { host: string },
  registry: Registry,
  logger: Logger,
): Promise<Server | undefined> {
  if (workerMetricsPort === undefined) return undefined
  const server = metricsServer({ registry, token, logger }).listen(workerMetricsPort, host)
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    logger.error(
      { code },
      `can't listen at WORKER_METRICS_PORT ${workerMetricsPort} of ${host}: this worker goes on without metrics; set another port for each worker of this host`,
    )
    return undefined
  }
}
