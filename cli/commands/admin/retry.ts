import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { confirm, YES } from '../../confirm'
import { CliError, EXIT } from '../../exits'
import type { Filter } from './failed'

/** What the server takes at once. */
const IDS_MAX = 50

interface RetryOptions extends Filter {
  yes?: boolean
}
interface Retried {
  results: ({ id: string; attempt: number } | { id: string; refused: string })[]
  /** Of the class, when all was done. */
  left: number
}

export const addRetry: AddCommand = (admin, run) => {
  admin
    .command('retry')
    .argument('[ids...]', 'of machines whose launch failed')
    .description('Retry failed launches, each with its owner’s tokens as they are saved now.')
    .option('--class <class>', 'all of a class of failure, or of a group of them')
    .option('--search <text>', 'with --class: a part of the machine’s or its owner’s name')
    .option(...YES)
    .addHelpText(
      'after',
      examples('runcomfy admin retry k3f7qx5zj2ma4bcd', 'runcomfy admin retry --class engine --yes'),
    )
    .action((ids: string[], options: RetryOptions) => run((cli) => retry(cli, ids, options)))
}

async function retry(cli: Cli, ids: string[], { yes, ...filter }: RetryOptions): Promise<void> {
  if (ids.length > 0 === (filter.class !== undefined) || (ids.length > 0 && filter.search !== undefined))
    throw new CliError(EXIT.usage, 'Give the ids of launches, or a class with --class, and not both.')
  const { results, left } = ids.length ? await retryChosen(cli, ids) : await retryClass(cli, filter, yes)
  const refused = results.filter((one) => 'refused' in one)
  cli.output.payload({ results, left }, results.map(describe).join('\n') || 'Nothing to retry.')
  if (left) cli.output.progress('retry', `${left} of this class are left.`)
  if (refused.length)
    throw new CliError(EXIT.failed, `${refused.length} of ${results.length} were not retried.`)
}

const describe = (one: Retried['results'][number]) =>
  'refused' in one
    ? `${one.id}  refused: ${one.refused}`
    : `${one.id}  queued again as attempt ${one.attempt}`

async function retryChosen(cli: Cli, given: string[]): Promise<Retried> {
  const ids = [...new Set(given)]
  const results: Retried['results'] = []
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const some = ids.slice(at, at + IDS_MAX)
    results.push(...(await cli.ask((api) => api.admin.retryFailed.mutate({ ids: some }))).results)
  }
  return { results, left: 0 }
}

async function retryClass(cli: Cli, filter: Filter, yes: boolean | undefined): Promise<Retried> {
  const { total, beyondRetry } = await cli.ask((api) =>
    api.admin.failedLaunches.query({ ...filter, limit: 1 }),
  )
  if (!total) return { results: [], left: 0 }
  const warning = beyondRetry
    ? ` ${beyondRetry} of them will fail again unless the cure was applied first.`
    : ''
  await confirm(
    cli,
    `Retry ${total === 1 ? 'the one launch' : `all ${total} launches`} of this class?${warning}`,
    yes,
  )
  const results: Retried['results'] = []
  // What fails again comes back into the class, so the number at the beginning is the end of it.
  for (;;) {
    const some = await cli.ask((api) => api.admin.retryFailed.mutate(filter))
    results.push(...some.results)
    const isStuck = some.results.some((one) => 'refused' in one) || !some.results.length
    if (isStuck || !some.left || results.length >= total) return { results, left: some.left }
  }
}
