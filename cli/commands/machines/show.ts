import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { machineNamed } from '../../named/machine'
import { describeMachine } from './describe'

export const addShow: AddCommand = (machines, run) => {
  machines
    .command('show')
    .argument('<machine>', 'id or name')
    .description('Show a machine: its services, the tokens it holds, and what happened to it.')
    .addHelpText(
      'after',
      examples('runcomfy machines show Studio', 'runcomfy machines show k3f7 --output json'),
    )
    .action((given: string) => run((cli) => show(cli, given)))
}

async function show(cli: Cli, given: string): Promise<void> {
  const { id } = await machineNamed(cli, given)
  const machine = await cli.ask((api) => api.machines.get.query({ id }))
  cli.output.payload(machine, describeMachine(cli.login().server, machine))
}
