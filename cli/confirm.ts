import type { Cli } from './cli'
import { CliError, EXIT } from './exits'
import { plain } from './output/plain'

export const YES = ['-y, --yes', 'do it without asking'] as const

/**
 * Asks whoever sits at the terminal before something is done that can't be undone.
 * @param question ends with a question mark
 * @param isAnswered whether the answer was given with the command
 * @throws CliError `usage` when nobody can be asked, `failed` when the answer isn't yes
 */
export async function confirm(cli: Cli, question: string, isAnswered: boolean | undefined): Promise<void> {
  if (isAnswered) return
  const stderr: NodeJS.WritableStream & { isTTY?: boolean } = cli.output.stderr
  if (!cli.stdin.isTTY || !stderr.isTTY)
    throw new CliError(EXIT.usage, `${question} There is no terminal to answer at: add --yes to do it.`)
  const { createInterface } = await import('node:readline/promises')
  // No editing of lines: so the terminal stays as it is, and Ctrl-C reaches the process.
  const lines = createInterface({ input: cli.stdin, output: stderr, terminal: false })
  try {
    const answer = await lines.question(`${plain(question)} [y/N] `, { signal: cli.signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(EXIT.failed, 'Nothing was done.')
  } finally {
    lines.close()
  }
}
