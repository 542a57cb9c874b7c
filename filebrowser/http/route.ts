import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { ZodError, type z } from 'zod'
import type { RefusalView } from '../contract'
import { Refusal, statusOf, toRefusal } from '../refusal'

export const jsonBody = express.json({ limit: '64kb' })

/** Answers what the handler returns as JSON; nothing at all is 204. */
export function route(handler: (request: Request) => Promise<unknown>, status = 200): RequestHandler {
  return (request, response, next) => {
    handler(request).then((answer) => {
      if (answer === undefined) response.status(204).end()
      else response.status(status).json(answer)
    }, next)
  }
}

/** @throws ZodError that `answerRefusals` turns into a 400 */
export const query = <T>(request: Request, schema: z.ZodType<T>): T => schema.parse(request.query)

/** @param onFault told of what is no refusal; the answer names no detail */
export function answerRefusals(onFault: (error: unknown) => void): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    const known = toRefusal(error) ?? badRequest(error)
    if (!known) onFault(error)
    const refusal = known ?? new Refusal('internal', 'Something unforeseen went wrong.')
    const { code, message, link } = refusal
    response.status(statusOf(refusal)).json({ error: { code, message, link } satisfies RefusalView })
  }
}

function badRequest(error: unknown): Refusal | undefined {
  if (error instanceof ZodError) {
    const faults = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    return new Refusal('bad_request', `The request is incomplete. ${faults.join('; ')}`)
  }
  // Express and its body parser mark what the client got wrong.
  const status = (error as { status?: number } | undefined)?.status
  if (status === 404) return new Refusal('not_found', 'There is nothing here.')
  return status && status < 500 ? new Refusal('bad_request', 'The request could not be read.') : undefined
}
