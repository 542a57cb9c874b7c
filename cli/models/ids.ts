import { CliError, EXIT } from '../exits'

const MODEL_ID = /^[\w-][\w.-]*(\/[\w-][\w.-]*)+$/

/** @throws CliError `usage` for what can't be a model */
export function checkModelId(id: string): void {
  if (!id.includes('/')) throw new CliError(EXIT.usage, 'A model id has a slash in it, as owner/name.')
  if (!MODEL_ID.test(id))
    throw new CliError(EXIT.usage, 'A model id is of letters, digits, dots and dashes, as owner/name.')
}

/** @throws CliError `usage` for what can't be a request */
export function checkRequestId(id: string): void {
  if (!/^[\w-]{1,128}$/.test(id))
    throw new CliError(
      EXIT.usage,
      'A request id is of letters and digits alone, as `runcomfy run` prints it.',
    )
}
