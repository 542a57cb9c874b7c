import { relativeTime } from '../../../relative-time'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import type { ListedMachine } from '../../http/shapes'
import { type Column, table } from '../../output/table'
import { noteOn } from './describe'

interface LsOptions {
  all?: boolean
}

export const addLs: AddCommand = (machines, run) => {
  machines
    .command('ls')
    .alias('list')
    .description('List your machines, the newest first.')
    .option('-a, --all', 'also those that have stopped')
    .addHelpText('after', examples('runcomfy machines ls', 'runcomfy machines ls --all --output json'))
    .action((options: LsOptions) => run((cli) => ls(cli, options)))
}

async function ls(cli: Cli, { all = false }: LsOptions): Promise<void> {
  const machines = await cli.ask((api) => api.machines.list.query())
  const shown = machines.filter(({ status }) => all || status !== 'stopped')
  const empty =
    all || !machines.length ? 'No machines yet. Launch one: runcomfy machines launch' : 'No machine runs.'
  cli.output.payload(shown, table(shown, columnsAt(Date.now()), { width: cli.output.columns, empty }))
  const hidden = machines.length - shown.length
  if (hidden) cli.output.progress('machines', `${hidden} stopped: runcomfy machines ls --all`)
}

function columnsAt(now: number): Column<ListedMachine>[] {
  const when = (at: string) => relativeTime(Date.parse(at), now)
  return [
    { title: 'ID', of: ({ id }) => id },
    { title: 'NAME', of: ({ name }) => name, shrinks: true },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'STATUS', of: ({ status }) => status },
    { title: 'SIZE', of: ({ size }) => size.name },
    { title: 'LAUNCHED', of: ({ createdAt }) => when(createdAt) },
    { title: 'ENDS', of: ({ endsAt }) => (endsAt ? when(endsAt) : '') },
    { title: 'NOTE', of: noteOn, shrinks: true },
  ]
}
