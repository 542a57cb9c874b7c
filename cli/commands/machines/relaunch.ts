import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { machineNamed } from '../../named/machine'
import { askToLaunch, tellOfLaunch } from './launch'

interface RelaunchOptions {
  size?: string
  wait?: boolean
}

export const addRelaunch: AddCommand = (machines, run) => {
  machines
    .command('relaunch')
    .argument('<machine>', 'id or name')
    .description('Stop a machine and launch one that takes over its files, with the tokens saved now.')
    .option('--size <size>', 'another size')
    .option('--wait', 'return once it runs, and fail if it fails')
    .addHelpText('after', examples('runcomfy machines relaunch Studio --wait'))
    .action((given: string, options: RelaunchOptions) => run((cli) => relaunch(cli, given, options)))
}

async function relaunch(cli: Cli, given: string, { size, wait }: RelaunchOptions): Promise<void> {
  const { id } = await machineNamed(cli, given)
  // Asked again, the server answers the machine that it made the first time.
  const successor = await askToLaunch(cli, (api) => api.machines.relaunch.mutate({ id, size }))
  await tellOfLaunch(cli, successor.id, wait)
}
