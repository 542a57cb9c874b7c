import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { machineNamed } from '../../named/machine'
import { describeSave } from './describe'
import { waitUntilSaved } from './wait'

interface CreateOptions {
  name?: string
  wait?: boolean
}

export const addCreate: AddCommand = (saves, run) => {
  saves
    .command('create')
    .argument('<machine>', 'id or name')
    .description('Save the files of a machine as they are now.')
    .option('--name <name>', 'what to call the save')
    .option('--wait', 'return once it is saved, and fail if that fails')
    .addHelpText(
      'after',
      examples('runcomfy saves create Studio --wait', 'runcomfy saves create k3f7 --name First'),
    )
    .action((given: string, options: CreateOptions) => run((cli) => create(cli, given, options)))
}

async function create(cli: Cli, given: string, { name, wait }: CreateOptions): Promise<void> {
  const { id: machineId } = await machineNamed(cli, given)
  const { id } = await cli.ask((api) => api.cloudSaves.create.mutate({ machineId, name }))
  if (!wait) return cli.output.payload({ id }, `Saving as ${id}\nHow far it is: runcomfy saves show ${id}`)
  const save = await waitUntilSaved(cli, id)
  cli.output.payload(save, describeSave(save))
}
