import { CommanderError } from 'commander'
import { openCli } from './cli'
import type { Environment } from './environment'
import { CliError, EXIT } from './exits'
import { type Output, openOutput, type Streams } from './output/output'
import { withoutTokens } from './output/without-tokens'
import { openProgram } from './program'

interface Process extends Streams {
  argv: readonly string[]
  env: Environment
  stdin: NodeJS.ReadStream
  signal: AbortSignal
  version: string
}

/** The command from its arguments to its exit code. */
export async function main({ argv, env, stdin, signal, version, ...streams }: Process): Promise<number> {
  let output = openOutput({ mode: modeOf(argv), quiet: false, verbosity: 0 }, streams, env)
  const program = openProgram(
    version,
    (options) => async (work) => {
      output = openOutput(
        { mode: options.output, quiet: options.quiet, verbosity: options.verbose },
        streams,
        env,
      )
      await work(openCli({ env, output, webBase: options.webBase, stdin, signal }))
    },
    {
      out: (text) => void streams.stdout.write(text),
      error: (text) => void streams.stderr.write(withoutTokens(text)),
    },
  )
  try {
    await program.parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return exitOf(error, output, signal)
  }
}

function exitOf(error: unknown, output: Output, signal: AbortSignal): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.arguments
  if (signal.aborted) return EXIT.interrupted
  output.error(error instanceof Error ? error.message : String(error))
  return error instanceof CliError ? error.exit : EXIT.failed
}

/** Before the arguments are read as a whole, for what is wrong with them. */
const modeOf = (argv: readonly string[]) =>
  argv.includes('--output=json') || argv[argv.indexOf('--output') + 1] === 'json' ? 'json' : 'pretty'
