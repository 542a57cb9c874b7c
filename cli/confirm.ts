import type { Cli } from './cli'
import { CliError, EXIT } from './exits'
import { ask, hasTerminal } from './prompt'

export const YES = ['-y, --yes', 'do it without asking'] as const

/**
 * Asks whoever sits at the terminal before something is done that can't be undone.
 * @param question ends with a question mark
 * @param isAnswered whether the answer was given with the command
 * @throws CliError `usage` when nobody can be asked, `failed` when the answer isn't yes
 */
export async function confirm(cli: Cli, question: string, isAnswered: boolean | undefined): Promise<void> {
  if (isAnswered) return
  if (!hasTerminal(cli))
    throw new CliError(EXIT.usage, `${question} There is no terminal to answer at: add --yes to do it.`)
  const answer = await ask(cli, `${question} [y/N]`)
  if (!answer || !/^y(es)?$/i.test(answer.trim())) throw new CliError(EXIT.failed, 'Nothing was done.')
}
