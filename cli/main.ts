import { CommanderError } from 'commander'
import { openCli } from './cli'
import { loadCommands } from './commands'
import { complain } from './complain'
import type { Environment } from './environment'
import { EXIT, Interrupted } from './exits'
import { type Output, openOutput, type Streams } from './output/output'
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
  let output = outputBefore(argv, streams, env)
  let said = ''
  const program = openProgram(
    version,
    await loadCommands(argv),
    (options) => async (work) => {
      output = openOutput(
        { mode: options.output, quiet: options.quiet, verbosity: options.verbose },
        streams,
        env,
      )
      await work(openCli({ env, output, webBase: options.webBase, stdin, signal, version }))
    },
    {
      out: (text) => void streams.stdout.write(text),
      error: (text) => {
        said += text
      },
    },
  )
  try {
    await program.parseAsync(argv, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof CommanderError))
      return signal.aborted && !(error instanceof Interrupted) ? EXIT.interrupted : complain(error, output)
    if (error.exitCode === 0) return EXIT.ok
    if (error.code === 'commander.help') streams.stderr.write(said)
    // Commander's own words repeat what was given, and that may be a token.
    else output.error('The arguments are not as they should be. See: runcomfy --help')
    return EXIT.arguments
  }
}

/** For what is wrong before the arguments are read as a whole, or outside of every command. */
export function outputBefore(argv: readonly string[], streams: Streams, env: Environment): Output {
  const isJson = argv.some(
    (arg, at) => arg === '--output=json' || (arg === '--output' && argv[at + 1] === 'json'),
  )
  const verbosity = argv.filter((arg) => arg === '-v' || arg === '--verbose').length
  const output = openOutput(
    { mode: isJson ? 'json' : 'pretty', quiet: false, verbosity: argv.includes('-vv') ? 2 : verbosity },
    streams,
    env,
  )
  if (env.token) output.conceal(env.token)
  return output
}
