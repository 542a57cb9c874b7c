import type { Command } from 'commander'
import { type AddCommand, examples } from '../command'

export const addHelp: AddCommand = (program) => {
  program
    .command('help')
    .argument('[command...]', 'of which command')
    .description('Print the help of a command.')
    .addHelpText('after', examples('runcomfy help', 'runcomfy help models list'))
    .action((words: string[]) => {
      let command: Command = program
      for (const word of words) {
        const next = command.commands.find((one) => [one.name(), ...one.aliases()].includes(word))
        if (!next) command.error(`error: unknown command '${word}'`)
        command = next
      }
      command.help()
    })
}
