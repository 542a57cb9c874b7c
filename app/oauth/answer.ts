import { TRPCError } from '@trpc/server'
import { isAppError } from '../../errors'
import { jsonAnswer } from '../json-answer'

type ErrorName =
  | 'access_denied'
  | 'authorization_pending'
  | 'expired_token'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_token'
  | 'server_error'
  | 'slow_down'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'

/** A refusal as RFC 6749 section 5.2 has it. */
export const refusal = (
  error: ErrorName,
  description: string,
  {
    status = 400,
    headers = {},
    ...more
  }: { status?: number; headers?: Record<string, string>; interval?: number } = {},
): Response => jsonAnswer({ error, error_description: plain(description), ...more }, status, headers)

/** The RFC allows neither quotation marks, backslashes nor anything beyond ASCII. */
const plain = (text: string) => text.replace(/["\\]/g, "'").replace(/[^ -~]/g, '?')

/** For credentials that don't count; says which kind would. */
export function unauthenticated(request: Request, description: string): Response {
  const [error, challenge] = /^bearer\b/i.test(request.headers.get('authorization') ?? '')
    ? (['invalid_token', 'Bearer realm="slipway", error="invalid_token"'] as const)
    : (['invalid_client', 'Basic realm="slipway"'] as const)
  return refusal(error, description, { status: 401, headers: { 'WWW-Authenticate': challenge } })
}

export const onlyPost = (): Response =>
  refusal('invalid_request', 'Ask with POST.', { status: 405, headers: { Allow: 'POST' } })

/**
 * Answers a POST in the words of OAuth, whatever comes of it.
 * @param work gives the body; throws a Response, or what a procedure throws
 */
export async function answered(request: Request, work: () => Promise<object>): Promise<Response> {
  if (request.method !== 'POST') return onlyPost()
  try {
    return jsonAnswer(await work())
  } catch (error) {
    if (error instanceof Response) return error
    return refusalOf(error, request)
  }
}

/** By the input that a procedure refused: the error, and what the input is called here. */
const OF_INPUTS = new Map<string | undefined, [ErrorName, string]>([
  ['clientId', ['invalid_client', 'client_id']],
  ['scopes', ['invalid_scope', 'scope']],
  ['deviceCode', ['invalid_grant', 'device_code']],
  ['deviceName', ['invalid_request', 'device_name']],
])

function refusalOf(error: unknown, request: Request): Response {
  const cause = error instanceof TRPCError ? error.cause : undefined
  if (!isAppError(cause)) throw error
  const { code, message, field } = cause
  switch (code) {
    case 'bad_input': {
      const [name, input] = OF_INPUTS.get(field?.split('.')[0]) ?? ['invalid_request', field]
      return refusal(name, message.replace(/^[\w.]+: /, `${input}: `))
    }
    case 'forbidden':
      return refusal('unauthorized_client', message)
    case 'signed_out':
      return unauthenticated(request, message)
    // When to come back stands in the header already.
    case 'rate_limited':
      return refusal('slow_down', message, { status: 429 })
    case 'unavailable':
    case 'disk_full':
      return refusal('temporarily_unavailable', message, { status: 503 })
    default:
      return refusal('server_error', message, { status: 500 })
  }
}
