import type { Cli } from '../cli'
import { CliError, EXIT } from '../exits'
import type { Save } from '../http/shapes'
import { isWholeId, pickNamed, quoted } from './pick-named'

/**
 * The cloud save that somebody means: by its id, by the first characters of it, or by its name.
 * @throws CliError `usage` when that could be several, `badInput` when it is none of this user's
 */
export async function saveNamed(cli: Cli, given: string): Promise<Save> {
  const saves = await cli.ask((api) => api.cloudSaves.list.query())
  const save = pickNamed(saves, given)
  if (save) return save
  if (isWholeId(given)) return cli.ask((api) => api.cloudSaves.get.query({ id: given }))
  throw new CliError(
    EXIT.badInput,
    `No cloud save of yours is called ${quoted(given)}. See them: runcomfy saves ls`,
  )
}
