import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { newId } from '../../db/ids'
import { AppError, ERROR_TABLE } from '../../errors'
import type { Context } from './context'

const t = initTRPC.context<Context>().create({
  // A watcher that stays is asked to come back, and so to prove again who it is.
  sse: { maxDurationMs: 5 * 60_000, ping: { enabled: true, intervalMs: 15_000 } },
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus, field: fieldOf(error) },
  }),
})

const fieldOf = ({ cause }: TRPCError): string | undefined =>
  cause instanceof AppError ? cause.field : undefined

/** Turns whatever a procedure throws into what its caller may read: the one way from errors to tRPC. */
const readableErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next()
  if (result.ok) return result
  const { error } = result
  if (error.cause instanceof AppError) {
    const { code, message } = error.cause
    throw new TRPCError({ code: ERROR_TABLE[code].trpc, message, cause: error.cause })
  }
  if (error.cause instanceof ZodError) {
    const [issue] = error.cause.issues
    const field = issue?.path.join('.')
    const cause = new AppError('bad_input', `${field}: ${issue?.message}`, { field })
    throw new TRPCError({ code: 'BAD_REQUEST', message: cause.message, cause })
  }
  if (error.code !== 'INTERNAL_SERVER_ERROR') return result
  const id = newId()
  ctx.logger.error({ err: error.cause ?? error, errorId: id, procedure: path }, 'procedure failed')
  throw new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: `Something went wrong on the server. Its log says more under ${id}.`,
  })
})

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
