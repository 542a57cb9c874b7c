import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import type { Logger } from 'pino'
import { ZodError } from 'zod'
import { newId } from '../../db/ids'
import { isBusy, isDiskFull } from '../../db/open'
import { AppError, DATABASE_BUSY, DISK_FULL, ERROR_TABLE } from '../../errors'

/** Turns whatever was thrown into what its caller may read: the one way from errors to tRPC. */
export function readableError(thrown: unknown, logger: Logger, procedure: string): TRPCError {
  const error = getTRPCErrorFromUnknown(thrown)
  const { cause } = error
  if (cause instanceof AppError) return asTrpcError(cause)
  if (cause instanceof ZodError) {
    const [issue] = cause.issues
    if (issue) return asTrpcError(badInput(issue))
  }
  if (error.code !== 'INTERNAL_SERVER_ERROR') return error
  const id = newId()
  logger.error({ err: cause ?? error, errorId: id, procedure }, 'procedure failed')
  if (isBusy(cause)) return asTrpcError(new AppError('unavailable', DATABASE_BUSY, { retryAfterSeconds: 1 }))
  if (isDiskFull(cause)) return asTrpcError(new AppError('disk_full', DISK_FULL, { retryAfterSeconds: 5 }))
  return asTrpcError(
    new AppError('internal', `Something went wrong on the server. Its log says more under ${id}.`),
  )
}

/** What may be said again of a name that somebody sent: it could be a token in the wrong place. */
const isPlainName = (name: string) => /^[a-zA-Z]{1,32}$/.test(name)

function badInput({ path, message, ...issue }: ZodError['issues'][number]): AppError {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.filter(isPlainName)
    const what = names.length ? names.join(', ') : 'A field'
    return new AppError('bad_input', `${what}: can't be chosen here; leave it out`, { field: names[0] })
  }
  const field = path.join('.')
  if (!field)
    return new AppError('bad_input', 'Send the input as a JSON object, with the fields that it needs.')
  const isMissing = issue.code === 'invalid_type' && message.endsWith('received undefined')
  const isOwnSentence = !message.startsWith('Invalid input')
  const fault = isMissing
    ? 'is missing'
    : issue.code === 'invalid_type' && !isOwnSentence
      ? `must be of the type ${issue.expected}`
      : message
  return new AppError('bad_input', `${field}: ${fault}`, { field })
}

const asTrpcError = (cause: AppError) =>
  new TRPCError({ code: ERROR_TABLE[cause.code], message: cause.message, cause })

const REFUSED_BY_TRPC: Partial<Record<TRPCError['code'], string>> = {
  BAD_REQUEST: 'Send the input as JSON; this is none.',
  PARSE_ERROR: 'Send the input as JSON; this is none.',
  NOT_FOUND: 'There is no such procedure.',
  METHOD_NOT_SUPPORTED: 'Ask a query with GET and a mutation with POST.',
  UNSUPPORTED_MEDIA_TYPE: 'Send the input as JSON.',
  PAYLOAD_TOO_LARGE: 'The input is too large.',
  INTERNAL_SERVER_ERROR: 'Something went wrong on the server.',
}

/** What tRPC itself refuses, in our words: its own may repeat what was sent, and that may be a token. */
export const readableMessage = ({ cause, code, message }: TRPCError): string =>
  cause instanceof AppError ? message : (REFUSED_BY_TRPC[code] ?? 'The request could not be read.')
