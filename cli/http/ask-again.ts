import { setTimeout as pause } from 'node:timers/promises'
import type { Cli } from '../cli'
import { CliError, EXIT, LostAnswer, mayPass } from '../exits'
import type { Api } from './api'
import { pauseBefore } from './pauses'

const TRIES = 4
/** Each takes a minute. */
const SILENT_TRIES = 2

/**
 * Asks the server, and again when the answer was lost. Only for what may arrive twice.
 * @throws CliError as `cli.ask`; `LostAnswer` when nobody knows what became of it
 */
export async function askAgain<T>(
  cli: Pick<Cli, 'ask' | 'output' | 'signal'>,
  work: (api: Api) => Promise<T>,
  wait = pause,
): Promise<T> {
  let lost: LostAnswer | undefined
  for (let tries = 1; ; tries++)
    try {
      return await cli.ask(work)
    } catch (error) {
      if (error instanceof LostAnswer) lost = error
      // A server that went away with the answer may be about to come back.
      else if (!lost || !(error instanceof CliError) || !mayPass(error.exit)) throw error
      if (tries >= (lost.exit === EXIT.tryAgain ? SILENT_TRIES : TRIES)) throw lost
      cli.output.progress('connection', 'No whole answer came. Asking again …')
      await wait(pauseBefore(tries), undefined, { signal: cli.signal })
    }
}
