import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { TRPCError } from '@trpc/server'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express, { type RequestHandler } from 'express'
import type { Settings } from '../../env'
import { isAppError } from '../../errors'
import { machineHosts } from '../machine-proxy/hosts'
import { machineProxy } from '../machine-proxy/proxy'
import type { Services } from '../trpc/context'
import { appRouter } from '../trpc/router'
import { bodyLimit } from './body-limit'
import { clientAddress } from './client-address'
import { healthRoutes } from './health'
import { originCheck, ownHosts } from './origin-check'
import { requestContext } from './request-context'
import { securityHeaders } from './security-headers'

const BODY_BYTES_MAX = 64 * 1024

interface Parts {
  settings: Settings
  services: Services
  /** Answers everything that is not an API: files of the build, then pages. */
  pages: RequestHandler
  development: boolean
}

const isStream = ({ headers }: IncomingMessage) => headers.accept?.includes('text/event-stream') ?? false

/** What a refusal says besides its body. */
function refusalHeaders(errors: readonly TRPCError[]): Record<string, string> {
  const waits = errors.flatMap(({ cause }) => (isAppError(cause) ? (cause.retryAfterSeconds ?? []) : []))
  return {
    ...(waits.length && { 'Retry-After': String(Math.max(...waits)) }),
    ...(errors.some(({ code }) => code === 'UNAUTHORIZED') && {
      'WWW-Authenticate': 'Bearer realm="slipway"',
    }),
  }
}

/**
 * The whole web side on one port: a machine's host name goes to the machine, every other to the app.
 * The order is the policy: headers for every answer, own host and origin, then whatever answers.
 */
export function createHttpServer(parts: Parts): Server {
  const { settings, services, pages, development } = parts
  const secure = settings.publicUrl.startsWith('https:')
  const hosts = machineHosts(settings)
  const addressOf = clientAddress(settings.trustedProxies)
  const proxy = machineProxy({ services, secure, publicUrl: settings.publicUrl, addressOf })

  const app = express()
  app.disable('x-powered-by')
  app.use(securityHeaders({ machineOrigins: hosts.origins, secure, development }))
  app.use(originCheck(ownHosts(settings)))
  app.use(bodyLimit(BODY_BYTES_MAX))
  app.use(healthRoutes(services))
  const contextOf = requestContext(services, { secure, addressOf })
  app.use('/trpc', (req, res, next) => {
    res.setHeader('Cache-Control', 'no-store')
    if (isStream(req))
      services.channels.watch(res, () => {
        const { session, apiToken } = contextOf(req, res)
        return session !== undefined || (apiToken !== undefined && 'grant' in apiToken)
      })
    next()
  })
  app.use(
    '/trpc',
    createExpressMiddleware({
      router: appRouter,
      createContext: ({ req, res }) => contextOf(req, res),
      maxBodySize: BODY_BYTES_MAX,
      responseMeta: ({ errors }) => ({ headers: refusalHeaders(errors) }),
      onError: ({ error, ctx }) => {
        // With a context, the procedure has logged it.
        if (!ctx && error.code === 'INTERNAL_SERVER_ERROR')
          services.logger.error({ err: error.cause ?? error }, 'no context for a procedure')
      },
    }),
  )
  app.use((req, res, next) => {
    res.locals.context = contextOf(req, res)
    // Remix would believe it, whoever wrote it; the origin was checked above.
    delete req.headers['x-forwarded-host']
    next()
  })
  app.use(pages)

  // An upload into a machine may take hours; what the app itself reads is small and limited above.
  const server = createServer({ requestTimeout: 0 }, (req, res) => {
    const target = hosts.parse(req.headers.host)
    if (target) proxy.web(target, req, res)
    else app(req, res)
  })
  server.on('upgrade', (req, socket, head) => {
    const target = hosts.parse(req.headers.host)
    if (target) proxy.upgrade(target, req, socket, head)
    else if (!development) socket.destroy()
  })
  return server
}
