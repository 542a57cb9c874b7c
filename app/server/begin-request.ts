import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RequestHandler } from 'express'
import { requestRoute } from '../../telemetry/request-route'
import type { Context, Services } from '../trpc/context'
import { appRouter } from '../trpc/router'
import type { RequestLocals } from './request-context'
import { requestIds } from './request-id'
import { noteRequest, noteUpgrade, type UpgradeAnswer } from './request-log'

const PROCEDURES: ReadonlySet<string> = new Set(Object.keys(appRouter._def.procedures))

/** Gives each request its id, which its answer tells, and notes what comes of it. */
export function beginRequest(services: Services, trustedProxies: readonly string[]) {
  const idOf = requestIds(trustedProxies)
  const name = (req: IncomingMessage, res: ServerResponse) => {
    const requestId = idOf(req)
    res.setHeader('X-Request-Id', requestId)
    return requestId
  }

  const app: RequestHandler = (req, res, next) => {
    const requestId = name(req, res)
    const route = requestRoute(req.url, PROCEDURES)
    const span = isTraced(route.group)
      ? services.tracing?.begin(requestId, `${req.method} ${route.path}`, {
          'http.request.method': req.method,
          'http.route': route.path,
        })
      : undefined
    Object.assign(res.locals, { requestId, span } satisfies RequestLocals)
    const userId = () => userOf(res.locals.context)
    noteRequest(services, req, res, { requestId, route, span, userId })
    next()
  }

  return {
    app,
    /** For a request to a machine, of whose addresses nothing is Slipway's own. */
    machine(req: IncomingMessage, res: ServerResponse): void {
      const requestId = name(req, res)
      const route = { group: 'machines', path: 'a machine' } as const
      noteRequest(services, req, res, { requestId, route, span: undefined, userId: () => undefined })
    },

    /** For a websocket to a machine, whose answer has its id from whoever writes it. */
    upgrade(req: IncomingMessage, socket: Duplex): UpgradeAnswer {
      const answer: UpgradeAnswer = { requestId: idOf(req), status: undefined }
      noteUpgrade(services, socket, answer)
      return answer
    },
  }
}

/** Files and checks of health are many and tell nothing. */
const isTraced = (group: string) => !['assets', 'health', 'metrics'].includes(group)

function userOf(context: Context | undefined): string | undefined {
  const { apiToken, session } = context ?? {}
  return apiToken && 'grant' in apiToken ? apiToken.grant.user.id : session?.user.id
}
