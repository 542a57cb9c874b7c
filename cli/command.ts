import type { Command } from 'commander'
import type { Cli } from './cli'

/** Runs a command's work with what the global options have opened. */
export type Run = (work: (cli: Cli) => Promise<void>) => Promise<void>

/**
 * What a file of cli/commands gives: adds its command, with its options, help and examples, to the program.
 * The work itself is a function of its own that takes `Cli` and plain values, so that it can be read without
 * knowing the parser.
 */
export type AddCommand = (program: Command, run: Run) => void

/** Examples at the end of a command's help, each a line that works as it stands. */
export const examples = (...lines: string[]) =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`

/** At the end of the whole command's help. */
export const environmentHelp = `
Environment:
  RUNCOMFY_WEB_BASE    the server, where --web-base does not say
  RUNCOMFY_TOKEN       a token to use in place of the saved login
  RUNCOMFY_CONFIG_DIR  where the login is saved (default: ~/.config/runcomfy)
  NO_COLOR             no colours and no bars

Examples:
  $ runcomfy login --web-base https://slipway.example.org
  $ runcomfy help run`
