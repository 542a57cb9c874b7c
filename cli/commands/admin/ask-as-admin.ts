import type { Cli } from '../../cli'
import { CliError, EXIT } from '../../exits'
import type { Api } from '../../http/api'

const CURE = 'runcomfy login --admin'

/** As `cli.ask`, and says how an administrator gets the right to ask. */
export async function askAsAdmin<T>(cli: Cli, work: (api: Api) => Promise<T>): Promise<T> {
  try {
    return await cli.ask(work)
  } catch (error) {
    if (!(error instanceof CliError) || error.exit !== EXIT.notAllowed || error.message.includes(CURE))
      throw error
    throw new CliError(error.exit, `${error.message} As an administrator, log in with: ${CURE}`)
  }
}
