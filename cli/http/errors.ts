import { CliError } from '../exits'
import { fieldOf } from './answer'
import { networkFault } from './network-faults'
import { type Asked, halfAnAnswer, refusal } from './refusals'
import type { Reply } from './reply'

/** What a request to the procedures ended with, as what ends the command: one sentence, and the cure. */
export async function asCliError(error: unknown, asked: Asked): Promise<unknown> {
  if (error instanceof CliError || !(error instanceof Error)) return error
  // By its name, so that no command has to read the whole client in.
  if (error.name !== 'TRPCClientError') return (await networkFault(error, asked.server)) ?? error
  const { data, meta, cause } = error as { data?: unknown; meta?: { response?: unknown }; cause?: unknown }
  const response = meta?.response as Reply | undefined
  const status = fieldOf(data, 'httpStatus')
  if (typeof status === 'number')
    return refusal({ status, headers: response?.headers, message: error.message }, asked)
  const passed = await asCliError(cause, asked)
  if (passed instanceof CliError) return passed
  if (response || cause instanceof SyntaxError) return halfAnAnswer(asked.server)
  const refused = streamStatusOf(cause)
  return refused ? refusal({ status: refused, headers: undefined, message: undefined }, asked) : error
}

/** What EventSource says of an answer that is no stream. */
const streamStatusOf = (event: unknown): number | undefined =>
  event instanceof Event && 'code' in event && typeof event.code === 'number' && event.code >= 400
    ? event.code
    : undefined
