import { Option } from 'commander'
import { relativeTime } from '../../../relative-time'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import type { FailedLaunches } from '../../http/shapes'
import { type Column, table } from '../../output/table'
import { wholeNumber } from '../../whole-number'

const PAGE_MAX = 100

export interface Filter {
  class?: string
  search?: string
}
interface FailedOptions extends Filter {
  limit: number
  all?: boolean
}

export const addFailed: AddCommand = (admin, run) => {
  admin
    .command('failed')
    .description('List machines whose last attempt failed, the latest first.')
    .option('--class <class>', 'a class of failure, or a group of them')
    .option('--search <text>', 'a part of the machine’s or its owner’s name')
    .addOption(
      new Option('--limit <count>', 'so many at most').argParser(wholeNumber(1)).default(25).conflicts('all'),
    )
    .option('--all', 'every one')
    .addHelpText(
      'after',
      examples(
        'runcomfy admin failed',
        'runcomfy admin failed --class timeout --search ana',
        'runcomfy admin failed --all --output json',
      ),
    )
    .action((options: FailedOptions) => run((cli) => failed(cli, options)))
}

async function failed(cli: Cli, { all, limit, ...filter }: FailedOptions): Promise<void> {
  const page = await listFailed(cli, filter, all ? Number.POSITIVE_INFINITY : limit)
  const empty = Object.keys(filter).length ? 'No failed launch passes these filters.' : 'Nothing has failed.'
  cli.output.payload(page, table(page.launches, columnsAt(Date.now()), { width: cli.output.columns, empty }))
  if (page.older) cli.output.progress('failed', `${page.launches.length} of ${page.total}. See all: --all`)
}

/** The first page with the launches of those after it, up to the limit. */
async function listFailed(cli: Cli, filter: Filter, limit: number): Promise<FailedLaunches> {
  const read = (count: number, before?: string) =>
    cli.ask((api) => api.admin.failedLaunches.query({ ...filter, before, limit: Math.min(PAGE_MAX, count) }))
  const first = await read(limit)
  const { launches } = first
  let { older } = first
  while (older !== null && launches.length < limit) {
    const next = await read(limit - launches.length, older)
    launches.push(...next.launches)
    older = next.older
  }
  return { ...first, launches, older }
}

const columnsAt = (now: number): Column<FailedLaunches['launches'][number]>[] => [
  { title: 'ID', of: ({ machineId }) => machineId },
  { title: 'OWNER', of: ({ userName }) => userName, shrinks: true },
  { title: 'NAME', of: ({ machineName }) => machineName, shrinks: true },
  { title: 'REASON', of: ({ label }) => label },
  { title: 'ATTEMPTS', of: ({ attempt }) => String(attempt) },
  { title: 'FAILED', of: ({ failedAt }) => relativeTime(Date.parse(failedAt), now) },
  { title: 'MESSAGE', of: ({ message }) => message, shrinks: true },
]
