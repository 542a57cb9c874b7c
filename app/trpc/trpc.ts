import { initTRPC, type TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import type { Actor } from '../../db/audit'
import { actorOf } from '../../db/sign-in'
import type { UserRole } from '../../db/users'
import { AppError } from '../../errors'
import { inSpan } from '../../telemetry/tracing'
import { networkOf } from '../server/network-of'
import type { Context } from './context'
import { readableError, readableMessage } from './readable-error'
import { covers, lacksScope, type Scope } from './scopes'

interface Meta {
  /** What an API token needs to call it; without one, no API token may. */
  scope: Scope
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    // A watcher that stays is asked to come back, and so to prove again who it is.
    // One who hears nothing for three pings comes back too: the connection is gone, though nobody said so.
    sse: {
      maxDurationMs: 5 * 60_000,
      ping: { enabled: true, intervalMs: 15_000 },
      client: { reconnectAfterInactivityMs: 45_000 },
    },
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      message: readableMessage(error),
      data: { code: shape.data.code, httpStatus: shape.data.httpStatus, ...aboutTheInput(error) },
    }),
  })

const aboutTheInput = ({ cause }: TRPCError) =>
  cause instanceof AppError ? { field: cause.field, mayInsist: cause.mayInsist, faults: cause.faults } : {}

/** Also for what a subscription throws later on, when its middlewares have long returned. */
const readableErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next()
  if (!result.ok) {
    const error = readableError(result.error, { ...ctx, procedure: path })
    const wait = error.cause instanceof AppError ? error.cause.retryAfterSeconds : undefined
    if (wait !== undefined) ctx.tellToWait(wait, getHTTPStatusCodeFromError(error))
    throw error
  }
  if (!isAsyncIterable(result.data)) return result
  return { ...result, data: readableItems(result.data, ctx, path) }
})

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

async function* readableItems(items: AsyncIterable<unknown>, ctx: Context, procedure: string) {
  try {
    yield* items
  } catch (error) {
    throw readableError(error, { ...ctx, procedure })
  }
}

export const { router, createCallerFactory } = t
export const publicProcedure = t.procedure
  .use(({ ctx, path, type, next }) =>
    inSpan(
      ctx.span,
      `procedure ${path}`,
      { 'slipway.procedure': path, 'slipway.type': type },
      async (span) => {
        const result = await next()
        if (!result.ok) span?.set({ 'slipway.refusal': result.error.code })
        return result
      },
    ),
  )
  .use(readableErrors)

/** For whoever is signed in, or sends an API token that is good for the procedure's scope. */
export const userProcedure = publicProcedure.use(async ({ ctx, meta, next }) => {
  const { apiToken, session, from } = ctx
  if (!apiToken) {
    if (!session) throw new AppError('signed_out', 'Sign in first.')
    return next({ ctx: { user: session.user, by: actorOf(session.user, from) } })
  }
  if ('refusal' in apiToken) {
    await ctx.limits.take('wrong_api_tokens', networkOf(from.address))
    throw new AppError('signed_out', apiToken.refusal)
  }
  const { user, name, scopes } = apiToken.grant
  if (!meta)
    throw new AppError('forbidden', 'No API token may do this. Sign in to the web pages with a browser.')
  if (!covers(scopes, meta.scope)) throw lacksScope(scopes, meta.scope)
  const by: Actor = { kind: 'api-token', id: user.id, name: user.name, token: name, address: from.address }
  return next({ ctx: { user, by } })
})

/** For a browser that somebody has signed in with; no API token stands in for it. */
export const sessionProcedure = userProcedure.use(({ ctx, next }) => {
  if (!ctx.session) throw new AppError('forbidden', 'No API token may do this. Sign in with a browser.')
  return next({ ctx: { session: ctx.session } })
})

const onlyAdmins = (role: UserRole) => {
  if (role !== 'admin') throw new AppError('forbidden', 'Only an administrator may do this.')
}

export const adminProcedure = sessionProcedure.use(({ ctx, next }) => {
  onlyAdmins(ctx.user.role)
  return next()
})

/** The same, and open to an administrator's login of the command line that was granted this scope. */
export const adminScopeProcedure = (scope: 'admin:read' | 'admin:write') =>
  userProcedure.meta({ scope }).use(({ ctx, next }) => {
    onlyAdmins(ctx.user.role)
    return next()
  })
