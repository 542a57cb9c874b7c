import type { Command, Option } from 'commander'

/** A command as shells complete it. */
export interface Place {
  /** The words that lead there, as `machines launch`; empty for `runcomfy` itself. */
  at: string
  /** Names of commands, and the choices of an argument. */
  words: { name: string; description: string }[]
  options: Offer[]
}

export interface Offer {
  /** `-q` and `--quiet`. */
  flags: string[]
  description: string
  takesValue: boolean
  /** The values to choose from, when they are known. */
  values: string[]
}

/** What can be typed where, of a program. Options of all commands are repeated at each, as the parser takes them there. */
export function placesOf(program: Command, at = '', inherited: Offer[] = []): Place[] {
  const help = program.createHelp()
  const own = help.visibleOptions(program).map(offerOf)
  const options = [...own, ...inherited.filter(({ flags }) => !flags.includes('--help'))]
  const commands = help.visibleCommands(program)
  const words = [
    ...commands.map((command) => ({ name: command.name(), description: command.description() })),
    ...program.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((name) => ({ name, description })),
    ),
  ]
  return [
    { at, words, options },
    ...commands.flatMap((command) => placesOf(command, `${at} ${command.name()}`.trim(), options)),
  ]
}

const offerOf = ({ short, long, description, required, optional, argChoices }: Option): Offer => ({
  flags: [short, long].filter((flag) => flag !== undefined),
  description,
  takesValue: required || optional,
  values: argChoices ?? [],
})

/** In single quotes for bash and zsh. */
export const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** `at --flag` of every option that takes a value, for what stands before the word to complete. */
export const valuesOf = ({ at, options }: Place) =>
  options
    .filter(({ takesValue }) => takesValue)
    .map(({ flags, values }) => ({ before: flags.map((flag) => `${at} ${flag}`), values }))
