import type { Cli } from '../cli'
import { CliError, EXIT } from '../exits'
import type { ListedMachine } from '../http/shapes'
import { isWholeId, pickNamed, quoted } from './pick-named'

export const hasEnded = ({ status }: Pick<ListedMachine, 'status'>) =>
  status === 'stopped' || status === 'failed'

/**
 * The machine that somebody means: by its id, by the first characters of it, or by its name. One that has
 * ended goes by its name where no other does, so that it can be relaunched.
 * @throws CliError `usage` when that could be several, `badInput` when it is none of this user's
 */
export async function machineNamed(cli: Cli, given: string): Promise<ListedMachine> {
  const machines = await cli.ask((api) => api.machines.list.query())
  const machine = pickNamed(machines, given, hasEnded)
  if (machine) return machine
  if (isWholeId(given)) return cli.ask((api) => api.machines.get.query({ id: given }))
  throw new CliError(
    EXIT.badInput,
    `No machine of yours is called ${quoted(given)}. See them: runcomfy machines ls --all`,
  )
}
