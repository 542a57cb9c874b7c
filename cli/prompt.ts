import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { Cli } from './cli'
import { CliError, EXIT } from './exits'
import { plain } from './output/plain'

/** Whether somebody sits here who can be asked. */
export const hasTerminal = ({ stdin, output }: Pick<Cli, 'stdin' | 'output'>): boolean =>
  Boolean(stdin.isTTY) && 'isTTY' in output.stderr && Boolean(output.stderr.isTTY)

/**
 * One line that is typed at the terminal, in answer to a question.
 * @param isHidden whether the terminal shows nothing of it
 * @returns undefined when the input has ended, as with Ctrl-D
 * @throws CliError `interrupted`, or what Ctrl-C makes of it
 */
export async function ask(
  { stdin, output, signal }: Pick<Cli, 'stdin' | 'output' | 'signal'>,
  question: string,
  { isHidden = false } = {},
): Promise<string | undefined> {
  const { createInterface } = await import('node:readline')
  // Lines are edited only where the terminal must not echo: else it stays as it is, and Ctrl-C reaches the process.
  const lines = createInterface({ input: stdin, output: nowhere(), terminal: isHidden, historySize: 0 })
  const left = new AbortController()
  lines.once('SIGINT', () => left.abort(new CliError(EXIT.interrupted, 'Nothing was done.')))
  lines.once('close', () => left.abort())
  output.stderr.write(`${plain(question)} `)
  try {
    const [line] = await once(lines, 'line', { signal: AbortSignal.any([signal, left.signal]) })
    if (isHidden) output.stderr.write('\n')
    return line
  } catch (error) {
    output.stderr.write('\n')
    if (!left.signal.aborted) throw error
    if (left.signal.reason instanceof CliError) throw left.signal.reason
    return undefined
  } finally {
    lines.close()
  }
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })
