import type { Cli } from '../cli'
import { CliError, EXIT, Interrupted } from '../exits'
import { textOf } from '../http/answer'
import { asCliError } from '../http/errors'
import { askWire } from './wire'

/** @throws CliError */
export async function cancelRequest(cli: Pick<Cli, 'login' | 'fetch'>, id: string) {
  const { body } = await askWire(cli, `requests/${id}/cancel`, { method: 'POST' })
  const status = textOf(body, 'status') ?? 'unknown'
  return { body, status, isCancelled: textOf(body, 'outcome') === 'cancelled' || status === 'cancelled' }
}

/**
 * What follows Ctrl-C: the server is asked once to take the request back.
 * @param findId its id, or asks for it, where the answer that had it was cut off
 * @returns what ends the command
 */
export async function takeBack(
  cli: Cli,
  findId: (cli: Pick<Cli, 'login' | 'fetch'>) => Promise<string>,
): Promise<Interrupted> {
  const asking = { login: cli.login, fetch: cli.fetchAfterwards() }
  let id: string | undefined
  try {
    id = await findId(asking)
    const { isCancelled, status } = await cancelRequest(asking, id)
    const cure = status === 'completed' ? ` What came out: runcomfy result ${id} --download` : ''
    const text = isCancelled ? 'was cancelled.' : `had ended before it could be cancelled: ${status}.${cure}`
    return new Interrupted(EXIT.failed, `Interrupted: the request ${id} ${text}`)
  } catch (error) {
    const fault = await asCliError(error, cli.login())
    const why = fault instanceof CliError ? ` ${fault.message}` : ''
    const cure = id ? `To cancel it: runcomfy cancel ${id}` : 'See whether it runs: runcomfy requests list'
    return new Interrupted(EXIT.failed, `Interrupted, but the request may go on.${why} ${cure}`)
  }
}
