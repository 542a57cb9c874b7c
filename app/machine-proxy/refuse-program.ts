import type { ServerResponse } from 'node:http'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { type AppError, ERROR_TABLE } from '../../errors'

/** What the API would refuse with, status and sentence, as the file manager says its own refusals. */
export function refuseProgram(res: ServerResponse, { code, message, retryAfterSeconds }: AppError): void {
  const status = getHTTPStatusCodeFromError(new TRPCError({ code: ERROR_TABLE[code] }))
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer realm="slipway"' }),
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
  })
  res.end(`${JSON.stringify({ error: { code, message } })}\n`)
}
