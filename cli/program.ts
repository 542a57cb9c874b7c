import { type Command, Option } from 'commander'
import { environmentHelp, type Run } from './command'
import type { Commands } from './commands'
import { StrictCommand } from './strict-command'

export interface GlobalOptions {
  output: 'pretty' | 'json'
  quiet: boolean
  verbose: number
  webBase: string | undefined
}

/**
 * The whole command line, without its work. Global options are taken before and after a command's name.
 * Parsing throws CliError for a fault of arguments, and CommanderError once help or the version was written.
 * @param say what it writes about itself: help that was asked for, and help in place of a missing command
 */
export function openProgram(
  version: string,
  commands: Commands,
  run: (options: GlobalOptions) => Run,
  say: { out(text: string): void; error(text: string): void },
): Command {
  const program = new StrictCommand('runcomfy')
    .description('Launch machines, save tokens and run models on a Slipway server.')
    .version(`runcomfy ${version}`, '-V, --version', 'print the version')
    .addOption(
      new Option('--output <mode>', 'for people, or one line of JSON for scripts')
        .choices(['pretty', 'json'])
        .default('pretty'),
    )
    .addOption(new Option('-q, --quiet', 'no progress').conflicts('verbose'))
    .addOption(
      new Option('-v, --verbose', 'print requests; -vv with their headers')
        .argParser((_value, before: number) => before + 1)
        .default(0, 'off'),
    )
    .addOption(new Option('--web-base <url>', 'the server (default: the one logged in to)'))
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: say.out, writeErr: say.error })
    .exitOverride()
    .addHelpText('after', environmentHelp)
  const runner: Run = (work) =>
    run({ quiet: false, ...program.opts<Partial<GlobalOptions>>() } as GlobalOptions)(work)
  for (const [heading, adders] of commands) {
    program.commandsGroup(heading)
    for (const add of adders) add(program, runner)
  }
  return program
}
