import { addAbortSignal } from 'node:stream'
import type { Cli } from './cli'
import { CliError, EXIT } from './exits'

const LENGTH_MAX = 10_000

/**
 * A value that nobody should see: typed at a hidden prompt, or from stdin where that is no terminal.
 * @returns without blanks around it
 * @throws CliError `usage` when there is none, `interrupted` when the prompt was left
 */
export async function readSecret(cli: Cli, question: string): Promise<string> {
  const value = (cli.stdin.isTTY ? await ask(cli, question) : await readAll(cli)).trim()
  if (value.length > LENGTH_MAX) throw new CliError(EXIT.usage, 'This is far longer than a token.')
  if (value) {
    cli.output.conceal(value)
    return value
  }
  throw new CliError(EXIT.usage, 'No token came. Type it at the prompt, or send it to stdin: … < file')
}

async function ask({ stdin, output, signal }: Cli, message: string): Promise<string> {
  const stderr: NodeJS.WritableStream & { isTTY?: boolean } = output.stderr
  if (!stderr.isTTY)
    throw new CliError(EXIT.usage, 'There is no terminal to ask at. Send the token to stdin: … < file')
  const { isCancel, password } = await import('@clack/prompts')
  const answer = await password({ message, input: stdin, output: output.stderr, signal })
  if (isCancel(answer)) throw new CliError(EXIT.interrupted, 'Nothing was saved.')
  return answer ?? ''
}

async function readAll({ stdin, signal }: Cli): Promise<string> {
  let text = ''
  for await (const chunk of addAbortSignal(signal, stdin).setEncoding('utf8')) {
    text += chunk
    // Whatever else comes, it is no token.
    if (text.length > 2 * LENGTH_MAX) break
  }
  return text
}
