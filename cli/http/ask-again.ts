import { setTimeout as pause } from 'node:timers/promises'
import { TRPCClientError } from '@trpc/client'
import type { Cli } from '../cli'
import type { Api } from './api'

const TRIES = 4

/** Whether nobody knows what became of a request: no answer came, or none of Slipway's own. */
const isLost = (error: unknown): boolean => {
  const status: unknown = error instanceof TRPCClientError ? error.data?.httpStatus : undefined
  return typeof status !== 'number'
}

/**
 * Asks the server, and again when the answer was lost. Only for what may arrive twice.
 * @throws CliError as `cli.ask`
 */
export function askAgain<T>(cli: Cli, work: (api: Api) => Promise<T>, wait = pause): Promise<T> {
  return cli.ask(async (api) => {
    for (let tries = 1; ; tries++)
      try {
        return await work(api)
      } catch (error) {
        if (!isLost(error) || tries === TRIES || cli.signal.aborted) throw error
        cli.output.progress('connection', 'The answer was lost. Asking again …')
        await wait(250 * 2 ** tries, undefined, { signal: cli.signal })
      }
  })
}
