import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import type { ZodError } from 'zod'
import { isAppError } from '../errors'

/** An answer to a program, which no cache keeps. */
export const jsonAnswer = (body: object, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
      ...headers,
    },
  })

export const wrongMethod = (...allowed: ('GET' | 'POST' | 'DELETE')[]) =>
  jsonAnswer({ error: `Ask with ${allowed.join(' or ')}.` }, 405, { Allow: allowed.join(', ') })

export const unauthorized = (error: string) =>
  jsonAnswer({ error }, 401, { 'WWW-Authenticate': 'Bearer realm="slipway"' })

/** What is wrong with a body: the first fault, with the name of its field. */
export function badBody({ issues: [issue] }: ZodError): Response {
  const [field] = issue?.path ?? []
  return jsonAnswer({ error: `${field === undefined ? '' : `${String(field)}: `}${issue?.message}` }, 400)
}

/** What a procedure refuses; 422 when it names every fault of what was sent. */
export function jsonRefusal(error: unknown): Response {
  if (!(error instanceof TRPCError)) throw error
  if (error.code === 'UNAUTHORIZED') return unauthorized(error.message)
  const faults = isAppError(error.cause) ? error.cause.faults : undefined
  if (faults) return jsonAnswer({ error: error.message, errors: faults }, 422)
  return jsonAnswer({ error: error.message }, getHTTPStatusCodeFromError(error))
}

/** @returns what a request brings as JSON, `{}` when it brings nothing, undefined when it is no JSON */
export async function jsonBody(request: Request): Promise<unknown> {
  const text = await request.text()
  if (!text) return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
