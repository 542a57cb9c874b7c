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
