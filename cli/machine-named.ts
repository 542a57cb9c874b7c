import type { Cli } from './cli'

/** The machine that somebody means by its id. @throws CliError `badInput` when there is none of this user's */
export const machineNamed = (cli: Cli, given: string) =>
  cli.ask((api) => api.machines.get.query({ id: given }))
