import { CliError, EXIT, type Exit } from './exits'
import type { Output } from './output/output'

/** Says why the command ends. @returns its exit code */
export function complain(error: unknown, output: Output): Exit {
  if (error instanceof CliError) {
    output.error(error.message)
    return error.exit
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : 'no error at all was thrown'
  output.error(`This command failed in a way that nobody foresaw (${what}). Run it with -vv to see where.`)
  if (error instanceof Error) output.trace(2, error.stack ?? '')
  return EXIT.failed
}
