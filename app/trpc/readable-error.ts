import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import type { Logger } from 'pino'
import { ZodError } from 'zod'
import { isBusy, isDiskFull } from '../../db/open'
import { AppError, DATABASE_BUSY, DISK_FULL, ERROR_TABLE, wentWrong } from '../../errors'
import { firstFaults } from '../../workflows/faults'

interface Of {
  /** Says the id of the request by itself. */
  logger: Logger
  requestId: string
  procedure: string
}

/** Turns whatever was thrown into what its caller may read: the one way from errors to tRPC. */
export function readableError(thrown: unknown, { logger, requestId, procedure }: Of): TRPCError {
  const error = getTRPCErrorFromUnknown(thrown)
  const { cause } = error
  if (cause instanceof AppError) return asTrpcError(cause)
  if (cause instanceof ZodError) {
    const [first, ...others] = cause.issues.slice(0, ISSUES_MAX).map(badInput)
    if (first)
      return asTrpcError(
        others.length ? withAll(first, [first, ...others], cause.issues.length - ISSUES_MAX) : first,
      )
  }
  if (error.code !== 'INTERNAL_SERVER_ERROR') return error
  logger.error({ err: cause ?? error, procedure }, 'procedure failed')
  if (isBusy(cause)) return asTrpcError(new AppError('unavailable', DATABASE_BUSY, { retryAfterSeconds: 1 }))
  if (isDiskFull(cause)) return asTrpcError(new AppError('disk_full', DISK_FULL, { retryAfterSeconds: 5 }))
  return asTrpcError(new AppError('internal', wentWrong(requestId)))
}

/** What is beyond is only counted. */
const ISSUES_MAX = 50
const NAMES_MAX = 20

/** What may be said again of a name that somebody sent: it could be a token in the wrong place. */
const isPlainName = (name: string) => /^[a-zA-Z]{1,32}$/.test(name)

/** A name that is neither of the schema nor short is left out of the field's. */
const isPlainStep = (step: PropertyKey) => typeof step === 'number' || /^[\w:.-]{1,100}$/.test(String(step))

/** Says the first fault, and keeps the others, of which there may be more. */
function withAll({ code, message, field }: AppError, all: AppError[], more: number): AppError {
  const faults = all.map(({ field = '', message }) => ({
    field,
    message: field && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message,
  }))
  return new AppError(code, message, { field, faults: firstFaults(faults, Math.max(0, more)) })
}

function badInput({ path, message, ...issue }: ZodError['issues'][number]): AppError {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.filter(isPlainName).slice(0, NAMES_MAX)
    const what = names.length ? names.join(', ') : 'A field'
    return new AppError('bad_input', `${what}: can't be chosen here; leave it out`, { field: names[0] })
  }
  const field = path.filter(isPlainStep).join('.')
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
