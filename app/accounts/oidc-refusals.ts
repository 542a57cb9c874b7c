import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import type { Logger } from 'pino'
import { AppError } from '../../errors'

/** For an answer that is not for this browser, not for this provider, or not the latest. */
export const staleAnswer = () =>
  new AppError('gone', 'This sign-in was begun elsewhere, was already used or took too long. Begin again.')

/** Turns what openid-client throws into what a person may read, and logs the rest. */
export function readableRefusal(
  error: unknown,
  { id, label }: { id: string; label: string },
  logger: Logger,
): AppError {
  const said =
    error instanceof ResponseBodyError || error instanceof AuthorizationResponseError
      ? error.error
      : undefined
  // Never the error itself: its causes hold the answers of the provider, tokens included.
  logger.warn({ provider: id, said, ...reasonOf(error) }, 'sign-in with a provider failed')
  if (said === 'access_denied')
    return new AppError('forbidden', `The sign-in was cancelled, or ${label} refused it.`)
  if (said === 'invalid_grant') return staleAnswer()
  return new AppError(
    'unavailable',
    `${label} could not sign you in just now. Try again in a minute, or sign in another way.`,
  )
}

function reasonOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return {}
  const { code, status } = error as { code?: string; status?: number }
  const { code: networkCode } = (error.cause ?? {}) as { code?: string }
  return { reason: error.message, code, status, networkCode }
}
