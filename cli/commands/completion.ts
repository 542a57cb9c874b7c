import { Argument } from 'commander'
import { type AddCommand, examples } from '../command'
import { bash } from '../completion/bash'
import { fish } from '../completion/fish'
import { powershell } from '../completion/powershell'
import { placesOf } from '../completion/tree'
import { zsh } from '../completion/zsh'

const SHELLS = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
  ['powershell', powershell],
])

export const addCompletion: AddCommand = (program, run) => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices([...SHELLS.keys()]))
    .description('Print a script that completes this command in a shell.')
    .addHelpText(
      'after',
      examples('eval "$(runcomfy completion bash)"', 'runcomfy completion zsh', 'runcomfy completion fish'),
    )
    .action((shell: string) =>
      run(async ({ output }) => output.raw(SHELLS.get(shell)?.(placesOf(program)) ?? '')),
    )
}
