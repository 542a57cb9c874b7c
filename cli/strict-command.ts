import { Command, type HelpContext } from 'commander'
import { CliError, EXIT } from './exits'

/** Commander's command, whose faults of arguments are errors of ours: one sentence and the cure. */
export class StrictCommand extends Command {
  constructor(name?: string) {
    super(name)
    // `runcomfy help …` is a command of its own, for a command at any depth.
    this.helpCommand(false)
  }

  override createCommand(name?: string): StrictCommand {
    return new StrictCommand(name)
  }

  override error(message: string): never {
    throw new CliError(EXIT.arguments, `${faultOf(message)} ${cureOf(message) ?? `See: ${helpOf(this)}`}`)
  }

  override help(context?: HelpContext): never
  /** @deprecated */
  override help(context?: (text: string) => string): never
  override help(context?: HelpContext | ((text: string) => string)): never {
    const isFault = typeof context === 'object' && context.error
    if (isFault && this.optsWithGlobals().output === 'json')
      throw new CliError(EXIT.arguments, `A command is missing. See: ${helpOf(this)}`)
    return super.help(context as HelpContext)
  }
}

/** Repeats no more of somebody's arguments than a mistyped name: any other word may be a token. */
function faultOf(message: string): string {
  const [text = ''] = message.replace(/^error: /, '').split('\n(Did you mean')
  const unknown = /^unknown (\w+)(?: '(-{0,2}[a-z][a-z-]{0,30})['=])?/.exec(text)
  if (unknown) return `There is no ${unknown[2] ? `${unknown[1]} ${unknown[2]}` : `such ${unknown[1]}`}.`
  const fault = text
    .replace(/^option ('[^']+') argument '[\s\S]*' is invalid/, '$1 does not take this value')
    .replace(
      /^command-argument value '[\s\S]*' is invalid for argument ('[^']+')/,
      '$1 does not take this value',
    )
    .replaceAll("'", '')
  return `${fault.charAt(0).toUpperCase()}${fault.slice(1).replace(/\.?$/, '.')}`
}

const cureOf = (message: string) => /\((Did you mean [^)]*\?)\)$/.exec(message)?.[1]

function helpOf(command: Command): string {
  const names: string[] = []
  for (let one: Command | null = command; one; one = one.parent) names.unshift(one.name())
  return `${names.join(' ')} --help`
}
