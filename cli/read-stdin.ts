import { addAbortSignal } from 'node:stream'
import type { Cli } from './cli'

/**
 * What comes over stdin, to its end or until there is more of it than that. Ctrl-C ends it.
 * @param lengthMax in characters
 */
export async function readStdin(
  { stdin, signal }: Pick<Cli, 'stdin' | 'signal'>,
  lengthMax = Number.POSITIVE_INFINITY,
): Promise<string> {
  let text = ''
  for await (const chunk of addAbortSignal(signal, stdin).setEncoding('utf8')) {
    text += chunk
    if (text.length > lengthMax) break
  }
  return text
}
