import { CliError, EXIT } from '../../exits'

/** What every command of models ends with once its arguments are right. */
export async function noModelsYet(): Promise<never> {
  throw new CliError(EXIT.upstream, 'This server serves no models yet.')
}

/** @throws CliError `usage` for what can't be a model */
export function checkModelId(id: string): void {
  if (!id.includes('/')) throw new CliError(EXIT.usage, 'A model id has a slash in it, as owner/name.')
}
