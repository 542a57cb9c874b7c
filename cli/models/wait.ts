import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from '../cli'
import { CliError, EXIT } from '../exits'
import { textOf } from '../http/answer'
import { oneLine } from '../output/one-line'
import { progressOf } from './request'
import { askPatiently, type Pause, pauseMs } from './wire'

/**
 * Tells how far a request is until it has ended.
 * @returns the result
 * @throws CliError `failed` when it failed, was cancelled or has a state that is not known here
 */
export async function waitForResult(
  cli: Cli,
  id: string,
  { pollSeconds, wait = pause }: { pollSeconds: number; wait?: Pause },
): Promise<object> {
  let told: string | undefined
  for (;;) {
    const { body, retryAfterSeconds } = await askPatiently(cli, `requests/${id}/status`, wait)
    const { state, text, mark } = progressOf(body)
    if (state === 'cancelled') throw new CliError(EXIT.failed, `The request ${id} was cancelled.`)
    if (state !== 'waiting') break
    if (mark !== told) cli.output.progress('run', oneLine(text))
    told = mark
    await wait(pauseMs(pollSeconds * 1000, retryAfterSeconds), undefined, { signal: cli.signal })
  }
  const { body } = await askPatiently(cli, `requests/${id}/result`, wait)
  if (progressOf(body).state === 'completed') return body
  throw new CliError(
    EXIT.failed,
    `The request ${id} failed. ${oneLine(textOf(body, 'error') ?? 'The server doesn’t say why.')}`,
  )
}
