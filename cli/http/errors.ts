import { TRPCClientError } from '@trpc/client'
import { CliError, EXIT, exitOfStatus } from '../exits'

/** What a request ended with, as what ends the command: one sentence, and the cure. */
export function asCliError(error: unknown, server: string): unknown {
  if (error instanceof CliError) return error
  if (error instanceof TRPCClientError) {
    const status: unknown = error.data?.httpStatus
    if (typeof status === 'number') return new CliError(exitOfStatus(status), error.message)
    return asCliError(error.cause ?? new Error(error.message), server)
  }
  return new CliError(EXIT.upstream, `${server} can't be reached.`)
}
