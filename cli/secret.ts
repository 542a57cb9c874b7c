import type { Cli } from './cli'
import { CliError, EXIT } from './exits'
import { ask, hasTerminal } from './prompt'
import { readStdin } from './read-stdin'

const LENGTH_MAX = 10_000

/**
 * A value that nobody should see: typed at a hidden prompt, or from stdin where that is no terminal.
 * @returns without blanks around it
 * @throws CliError `usage` when there is none, `failed` or `interrupted` when the prompt was left
 */
export async function readSecret(cli: Cli, question: string): Promise<string> {
  // Whatever else comes over stdin, it is no token.
  const value = (cli.stdin.isTTY ? await typed(cli, question) : await readStdin(cli, 2 * LENGTH_MAX)).trim()
  if (value.length > LENGTH_MAX) throw new CliError(EXIT.usage, 'This is far longer than a token.')
  if (value) {
    cli.output.conceal(value)
    return value
  }
  throw new CliError(EXIT.usage, 'No token came. Type it at the prompt, or send it to stdin: … < file')
}

async function typed(cli: Cli, question: string): Promise<string> {
  if (!hasTerminal(cli))
    throw new CliError(EXIT.usage, 'There is no terminal to ask at. Send the token to stdin: … < file')
  const answer = await ask(cli, `${question} (not shown):`, { isHidden: true })
  if (answer === undefined) throw new CliError(EXIT.failed, 'Nothing was done.')
  return answer
}
