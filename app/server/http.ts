import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express, { type RequestHandler } from 'express'
import type { Settings } from '../../env'
import { machineHosts } from '../machine-proxy/hosts'
import { machineProxy, type Patience } from '../machine-proxy/proxy'
import type { Context, Services } from '../trpc/context'
import { appRouter } from '../trpc/router'
import { bodyLimit } from './body-limit'
import { cliPackage } from './cli-package'
import { clientAddress } from './client-address'
import { endWithRights } from './end-with-rights'
import { answerFailures, refuseOddTargets } from './failures'
import { healthRoutes } from './health'
import { originCheck } from './origin-check'
import { requestContext } from './request-context'
import { securityHeaders } from './security-headers'
import { endUnread } from './unread'

const BODY_BYTES_MAX = 64 * 1024
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

  const app = express()
  app.disable('x-powered-by')
  app.use(securityHeaders({ machineOrigins: hosts.origins, secure, development }))
  app.use(refuseOddTargets)
  app.use(originCheck(settings))
  app.use(bodyLimit(BODY_BYTES_MAX))
  app.use(endUnread(unreadMaxMs))
  app.use(healthRoutes(services))
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
      maxBodySize: BODY_BYTES_MAX,
      responseMeta: ({ errors }) => ({
        headers: errors.some(({ code }) => code === 'UNAUTHORIZED')
          ? { 'WWW-Authenticate': 'Bearer realm="slipway"' }
          : undefined,
      }),
    }),
  )
  app.use(pages)
  app.use(answerFailures(services.logger))

  const giveUp = (error: unknown, channel: { destroy(): unknown }) => {
    services.logger.error({ err: error }, 'machine proxy failed')
    channel.destroy()
  }
  // An upload into a machine may take hours; what the app itself reads is small and limited above.
  const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_MAX_MS }, (req, res) => {
    const target = hosts.parse(req.headers.host)
    if (target) proxy.web(target, req, res).catch((error) => giveUp(error, res))
    else app(req, res)
  })
  server.on('upgrade', (req, socket, head) => {
    const target = hosts.parse(req.headers.host)
    if (target) proxy.upgrade(target, req, socket, head).catch((error) => giveUp(error, socket))
    else if (!development) socket.destroy()
  })
  return server
}
