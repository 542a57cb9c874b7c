import { formatBytes } from '../../../format-bytes'
import { relativeTime } from '../../../relative-time'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { confirm, YES } from '../../confirm'
import type { Save } from '../../http/shapes'
import { machineNamed } from '../../named/machine'
import { saveNamed } from '../../named/save'
import { type Column, table } from '../../output/table'
import { addCreate } from './create'
import { describeSave } from './describe'

export const addSaves: AddCommand = (program, run) => {
  const saves = program
    .command('saves')
    .description('Save workspaces of machines, to start new machines from.')
    .addHelpText(
      'after',
      '\nA save is named by its id, by the first characters of it (four at least), or by its name.',
    )
    .addHelpText('after', examples('runcomfy saves create Studio --wait', 'runcomfy saves ls'))
  saves
    .command('ls')
    .alias('list')
    .description('List your cloud saves, the newest first.')
    .option('--machine <machine>', 'those of one machine: id or name')
    .addHelpText('after', examples('runcomfy saves ls', 'runcomfy saves ls --machine Studio'))
    .action(({ machine }: { machine?: string }) => run((cli) => ls(cli, machine)))
  addCreate(saves, run)
  saves
    .command('show')
    .argument('<save>', 'id or name')
    .description('Show a cloud save, and how far it is.')
    .addHelpText('after', examples('runcomfy saves show k3f7', 'runcomfy saves show k3f7 --output json'))
    .action((given: string) => run((cli) => show(cli, given)))
  saves
    .command('rm')
    .alias('delete')
    .argument('<save>', 'id or name')
    .description('Delete a cloud save for good.')
    .option(...YES)
    .addHelpText('after', examples('runcomfy saves rm k3f7', 'runcomfy saves rm k3f7 --yes'))
    .action((given: string, { yes }: { yes?: boolean }) => run((cli) => remove(cli, given, yes)))
}

async function ls(cli: Cli, machine: string | undefined): Promise<void> {
  const machineId = machine === undefined ? undefined : (await machineNamed(cli, machine)).id
  const saves = await cli.ask((api) => api.cloudSaves.list.query({ machineId }))
  const empty = 'No cloud saves yet. Make one: runcomfy saves create <machine>'
  cli.output.payload(saves, table(saves, columnsAt(Date.now()), { width: cli.output.columns, empty }))
}

const columnsAt = (now: number): Column<Save>[] => [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name, shrinks: true },
  { title: 'KIND', of: ({ kind }) => kind },
  { title: 'STATUS', of: ({ status }) => status },
  { title: 'SIZE', of: ({ bytes }) => (bytes === null ? '' : formatBytes(bytes)) },
  { title: 'FROM', of: ({ machine }) => machine.name, shrinks: true },
  { title: 'MADE', of: ({ createdAt }) => relativeTime(Date.parse(createdAt), now) },
]

async function show(cli: Cli, given: string): Promise<void> {
  const save = await saveNamed(cli, given)
  cli.output.payload(save, describeSave(save))
}

async function remove(cli: Cli, given: string, yes: boolean | undefined): Promise<void> {
  const { id, name } = await saveNamed(cli, given)
  await confirm(cli, `Delete the cloud save ${name} (${id})? Its files can’t be brought back.`, yes)
  await cli.ask((api) => api.cloudSaves.delete.mutate({ id }))
  cli.output.payload({ id }, `Deleted ${name} (${id}).`)
}
