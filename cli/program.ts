import { Command, Option } from 'commander'
import type { Run } from './command'
import { addDownloads } from './commands/downloads/commands'
import { addProviderTokens } from './commands/provider-tokens/commands'
import { addWhoami } from './commands/whoami'

const COMMANDS = [addWhoami, addProviderTokens, addDownloads]

export interface GlobalOptions {
  output: 'pretty' | 'json'
  quiet: boolean
  verbose: number
  webBase: string | undefined
}

/**
 * The whole command line, without its work.
 * @param say what it writes about itself: help to stdout, faults of arguments to stderr
 */
export function openProgram(
  version: string,
  run: (options: GlobalOptions) => Run,
  say: { out(text: string): void; error(text: string): void },
): Command {
  const program = new Command('runcomfy')
    .description('Launch machines, save tokens and run models on a Slipway server.')
    .version(version, '--version')
    .addOption(
      new Option('--output <mode>', 'what the result is for').choices(['pretty', 'json']).default('pretty'),
    )
    .addOption(new Option('-q, --quiet', 'no progress').conflicts('verbose').default(false))
    .addOption(
      new Option('-v, --verbose', 'print requests; -vv with their headers')
        .argParser((_value, before: number) => before + 1)
        .default(0),
    )
    .addOption(new Option('--web-base <url>', 'the server (default: the one logged in to)'))
    .configureOutput({ writeOut: say.out, writeErr: say.error })
    .exitOverride()
  const runner: Run = (work) => run(program.opts<GlobalOptions>())(work)
  for (const add of COMMANDS) add(program, runner)
  return program
}
