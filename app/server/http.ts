import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express, { type RequestHandler } from 'express'
import type { Settings } from '../../env'
import { metricsAnswer } from '../../telemetry/metrics-answer'
import { machineHosts } from '../machine-proxy/hosts'
import { machineProxy, type Patience } from '../machine-proxy/proxy'
import type { Context, Services } from '../trpc/context'
import { appRouter } from '../trpc/router'
import { beginRequest } from './begin-request'
import { bodyLimit, LARGEST_BODY_BYTES } from './body-limit'
import { changesByToken } from './changes-by-token'
import { cliPackage } from './cli-package'
import { clientAddress } from './client-address'
import { endWithRights } from './end-with-rights'
import { answerFailures, refuseOddTargets } from './failures'
import { healthRoutes } from './health'
import { originCheck } from './origin-check'
import { requestContext } from './request-context'
import { resultFiles } from './result-files'
import { securityHeaders } from './security-headers'
import { endUnread } from './unread'

/** More than the pause between two pings of a stream. */
const UNREAD_MAX_MS = 60_000
/** Without the limit of the whole request Node would have none of its head either. */
const HEADERS_MAX_MS = 60_000

interface Parts {
  settings: Settings
  services: Services
  /** Answers everything that is not an API: files of the build, then pages. */
  pages: RequestHandler
  development: boolean
  /** Of the machine proxy; tests are shorter of it, and of the next. */
  patience?: Patience
  /** How long an answer may lie unread. */
  unreadMaxMs?: number
}

/**
 * The whole web side on one port: a machine's host name goes to the machine, every other to the app.
 * The order is the policy: headers for every answer, own host and origin, then whatever answers.
 */
export function createHttpServer(parts: Parts): Server {
  const { settings, services, pages, development, patience, unreadMaxMs = UNREAD_MAX_MS } = parts
  const secure = settings.publicUrl.startsWith('https:')
  const hosts = machineHosts(settings)
  const addressOf = clientAddress(settings.trustedProxies)
  const proxy = machineProxy({ services, secure, publicUrl: settings.publicUrl, addressOf, patience })

  const { contextOf, credentials } = requestContext(services, { secure, addressOf })

  const begin = beginRequest(services, settings.trustedProxies)
  const readMetrics = metricsAnswer(services.metrics.registry, settings.metricsToken)

  const app = express()
  app.disable('x-powered-by')
  app.use(securityHeaders({ machineOrigins: hosts.origins, secure, development }))
  app.use(begin.app)
  app.use(refuseOddTargets)
  // Before the name is looked at: probes, load balancers and Prometheus know this process by others. Health is no
  // secret, and the metrics take a token.
  app.use(healthRoutes(services))
  app.get('/metrics', (req, res, next) => void readMetrics(req, res).catch(next))
  app.use(['/v1', '/prod/api'], changesByToken)
  app.use(originCheck(settings))
  app.use(bodyLimit(credentials))
  app.use(endUnread(unreadMaxMs))
  app.use(cliPackage({ folder: join(process.cwd(), 'build/cli'), publicUrl: settings.publicUrl }))
  app.use((req, res, next) => {
    res.locals.context = contextOf(req, res)
    // Remix would believe it, whoever wrote it; the origin was checked above.
    delete req.headers['x-forwarded-host']
    next()
  })
  app.use(endWithRights(services.channels, credentials))
  app.use('/trpc', (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store')
    next()
  })
  app.use(
    '/trpc',
    createExpressMiddleware({
      router: appRouter,
      createContext: ({ res }): Context => res.locals.context,
      // Held to the least that each takes before.
      maxBodySize: LARGEST_BODY_BYTES,
      responseMeta: ({ errors }) => ({
        headers: errors.some(({ code }) => code === 'UNAUTHORIZED')
          ? { 'WWW-Authenticate': 'Bearer realm="slipway"' }
          : undefined,
      }),
    }),
  )
  app.use(resultFiles)
  app.use(pages)
  app.use(answerFailures(services.logger))

  const giveUp = (error: unknown, channel: { destroy(): unknown }, requestId: unknown) => {
    services.logger.error({ err: error, requestId }, 'machine proxy failed')
    channel.destroy()
  }
  // An upload into a machine may take hours; what the app itself reads is small and limited above.
  const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_MAX_MS }, (req, res) => {
    const target = hosts.parse(req.headers.host)
    if (!target) return app(req, res)
    begin.machine(req, res)
    proxy.web(target, req, res).catch((error) => giveUp(error, res, res.getHeader('X-Request-Id')))
  })
  server.on('upgrade', (req, socket, head) => {
    const target = hosts.parse(req.headers.host)
    if (!target) return void (development || socket.destroy())
    const answer = begin.upgrade(req, socket)
    proxy
      .upgrade(target, { req, socket, head, answer })
      .catch((error) => giveUp(error, socket, answer.requestId))
  })
  return server
}
