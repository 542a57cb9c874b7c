import { exactTime } from '../../../relative-time'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { confirm, YES } from '../../confirm'
import { askAgain } from '../../http/ask-again'
import { hasEnded, machineNamed } from '../../named/machine'

interface Confirmed {
  yes?: boolean
}

/** What ends a machine, or puts its end off. */
export const addChanges: AddCommand = (machines, run) => {
  machines
    .command('stop')
    .argument('<machine>', 'id or name')
    .description('Stop a machine. Its files stay, and a relaunch goes on with them.')
    .option(...YES)
    .addHelpText('after', examples('runcomfy machines stop Studio', 'runcomfy machines stop k3f7 --yes'))
    .action((given: string, { yes }: Confirmed) => run((cli) => stop(cli, given, yes)))
  machines
    .command('extend')
    .argument('<machine>', 'id or name')
    .description('Give a running machine another session’s length from now on.')
    .addHelpText('after', examples('runcomfy machines extend Studio'))
    .action((given: string) => run((cli) => extend(cli, given)))
  machines
    .command('rm')
    .alias('delete')
    .argument('<machine>', 'id or name')
    .description('Delete a machine with all files of its workspace, for good.')
    .option(...YES)
    .addHelpText('after', examples('runcomfy machines rm k3f7', 'runcomfy machines rm k3f7 --yes'))
    .action((given: string, { yes }: Confirmed) => run((cli) => remove(cli, given, yes)))
}

async function stop(cli: Cli, given: string, yes: boolean | undefined): Promise<void> {
  const machine = await machineNamed(cli, given)
  const { id, name } = machine
  // Nothing is lost for good, so a script needs no confirmation.
  const asks = cli.stdin.isTTY && !hasEnded(machine)
  await confirm(cli, `Stop ${name} (${id})? What it works on is cut off; its files stay.`, yes || !asks)
  await askAgain(cli, (api) => api.machines.stop.mutate({ id }))
  cli.output.payload(
    { id },
    hasEnded(machine) ? `${name} (${id}) has ended already.` : `Stopping ${name} (${id}).`,
  )
}

async function extend(cli: Cli, given: string): Promise<void> {
  const { id, name } = await machineNamed(cli, given)
  const { endsAt } = await cli.ask((api) => api.machines.extend.mutate({ id }))
  cli.output.payload({ id, endsAt }, `${name} (${id}) runs until ${exactTime(new Date(endsAt))}.`)
}

async function remove(cli: Cli, given: string, yes: boolean | undefined): Promise<void> {
  const machine = await machineNamed(cli, given)
  const { id, name } = machine
  const first = hasEnded(machine) ? '' : ' It is stopped first.'
  await confirm(
    cli,
    `Delete ${name} (${id}) with all files of its workspace?${first} Models that your machines share and cloud saves stay.`,
    yes,
  )
  await cli.ask((api) => api.machines.delete.mutate({ id }))
  cli.output.payload({ id }, `Deleted ${name} (${id}).`)
}
