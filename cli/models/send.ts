import type { Cli } from '../cli'
import { CliError, EXIT, LostAnswer } from '../exits'
import { textOf } from '../http/answer'
import { askAgain } from '../http/ask-again'
import { halfAnAnswer } from '../http/refusals'
import { askWire, type Pause } from './wire'

/** A call of a model: however often it is sent, it makes one request. */
export interface Call {
  modelId: string
  inputs: object
  idempotencyKey: string
}

/**
 * Calls a model, again when the answer was lost.
 * @returns the id of the request
 * @throws CliError
 */
export async function sendCall(cli: Cli, call: Call, wait?: Pause): Promise<string> {
  try {
    return await askAgain(cli, () => postCall(cli, call), wait)
  } catch (error) {
    if (error instanceof LostAnswer)
      cli.output.warn(
        `It may run all the same: runcomfy requests list. Or send it again with --idempotency-key ${call.idempotencyKey}`,
      )
    throw error
  }
}

/** Sends it once. @throws CliError */
export async function postCall(cli: Pick<Cli, 'login' | 'fetch'>, call: Call): Promise<string> {
  const path = `models/${call.modelId.split('/').map(encodeURIComponent).join('/')}`
  const { body } = await askWire(cli, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': call.idempotencyKey },
    body: JSON.stringify(call.inputs),
  })
  const id = textOf(body, 'request_id')
  if (id === undefined) throw halfAnAnswer(cli.login().server)
  if (!/^[\w-]{1,128}$/.test(id))
    throw new CliError(EXIT.upstream, 'The server gave the request an id that can’t be asked for.')
  return id
}
