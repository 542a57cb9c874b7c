import { initTRPC, type TRPCError } from '@trpc/server'
import type { Logger } from 'pino'
import { AppError } from '../../errors'
import type { Context } from './context'
import { readableError, readableMessage } from './readable-error'

const t = initTRPC.context<Context>().create({
  // A watcher that stays is asked to come back, and so to prove again who it is.
  sse: { maxDurationMs: 5 * 60_000, ping: { enabled: true, intervalMs: 15_000 } },
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: readableMessage(error),
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus, field: fieldOf(error) },
  }),
})

const fieldOf = ({ cause }: TRPCError): string | undefined =>
  cause instanceof AppError ? cause.field : undefined

/** Also for what a subscription throws later on, when its middlewares have long returned. */
const readableErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next()
  if (!result.ok) throw readableError(result.error, ctx.logger, path)
  if (!isAsyncIterable(result.data)) return result
  return { ...result, data: readableItems(result.data, ctx.logger, path) }
})

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

async function* readableItems(items: AsyncIterable<unknown>, logger: Logger, path: string) {
  try {
    yield* items
  } catch (error) {
    throw readableError(error, logger, path)
  }
}

export const { router, createCallerFactory } = t
export const publicProcedure = t.procedure.use(readableErrors)

export const userProcedure = publicProcedure.use(({ ctx, next }) => {
  if (!ctx.session) throw new AppError('signed_out', 'Sign in first.')
  return next({ ctx: { session: ctx.session, user: ctx.session.user } })
})

export const adminProcedure = userProcedure.use(({ ctx, next }) => {
  if (ctx.user.role !== 'admin') throw new AppError('forbidden', 'Only an administrator may do this.')
  return next()
})
