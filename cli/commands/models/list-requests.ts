import { relativeTime } from '../../../relative-time'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import type { ListedRequest } from '../../http/shapes'
import { type Column, table } from '../../output/table'
import { wholeNumber } from '../../whole-number'

interface ListOptions {
  model?: string
  limit: number
}

export const addListRequests: AddCommand = (requests, run) => {
  requests
    .command('list')
    .alias('ls')
    .description('List your requests, the newest first.')
    .option('--model <model_id>', 'those to one model')
    .option('--limit <count>', 'how many, up to 100', wholeNumber(1, 100), 30)
    .addHelpText('after', examples('runcomfy requests list --model owner/name'))
    .action((options: ListOptions) => run((cli) => list(cli, options)))
}

async function list(cli: Cli, { model: modelId, limit }: ListOptions): Promise<void> {
  const requests = await cli.ask((api) => api.modelRequests.list.query({ modelId, limit }))
  const empty = 'No requests yet. Make one: runcomfy run <model_id>'
  cli.output.payload(requests, table(requests, columnsAt(Date.now()), { width: cli.output.columns, empty }))
}

const columnsAt = (now: number): Column<ListedRequest>[] => [
  { title: 'ID', of: ({ id }) => id },
  { title: 'MODEL', of: ({ modelId }) => modelId },
  { title: 'STATUS', of: ({ status }) => status },
  { title: 'MADE', of: ({ createdAt }) => relativeTime(Date.parse(createdAt), now) },
  { title: 'NOTE', of: ({ error, message }) => error?.message ?? message ?? '', shrinks: true },
]
