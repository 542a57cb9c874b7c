import { relativeTime } from '../../../relative-time'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { confirm, YES } from '../../confirm'
import { askAgain } from '../../http/ask-again'
import type { ModelVersion } from '../../http/shapes'
import { checkModelId } from '../../models/ids'
import { type Column, table } from '../../output/table'
import { wholeNumber } from '../../whole-number'

/** What one does with models of one's own that are published. */
export const addOwn: AddCommand = (models, run) => {
  models
    .command('versions')
    .argument('<model_id>', 'one of yours')
    .description('List the versions of a model of yours, the newest first.')
    .addHelpText('after', examples('runcomfy models versions owner/name'))
    .action((id: string) => run((cli) => versions(cli, id)))
  models
    .command('use')
    .argument('<model_id>', 'one of yours')
    .argument('<version>', 'its number', wholeNumber(1))
    .description('Say which version of a model of yours is called.')
    .addHelpText('after', examples('runcomfy models use owner/name 2'))
    .action((id: string, version: number) => run((cli) => use(cli, id, version)))
  models
    .command('withdraw')
    .argument('<model_id>', 'one of yours')
    .description('Take a model of yours back: nobody can call it until you publish it again.')
    .option(...YES)
    .addHelpText('after', examples('runcomfy models withdraw owner/name --yes'))
    .action((id: string, { yes }: { yes?: boolean }) => run((cli) => withdraw(cli, id, yes)))
}

async function versions(cli: Cli, id: string): Promise<void> {
  checkModelId(id)
  const all = await cli.ask((api) => api.models.versions.query({ id }))
  cli.output.payload(all, table(all, columnsAt(Date.now()), { width: cli.output.columns, empty: '' }))
}

const columnsAt = (now: number): Column<ModelVersion>[] => [
  { title: 'VERSION', of: ({ version }) => String(version) },
  { title: 'TITLE', of: ({ title }) => title, shrinks: true },
  { title: 'PUBLISHED', of: ({ createdAt }) => relativeTime(Date.parse(createdAt), now) },
]

async function use(cli: Cli, id: string, version: number): Promise<void> {
  checkModelId(id)
  await askAgain(cli, (api) => api.models.change.mutate({ id, version }))
  cli.output.payload({ id, version }, `${id} is called in version ${version} from now on.`)
}

async function withdraw(cli: Cli, id: string, yes: boolean | undefined): Promise<void> {
  checkModelId(id)
  await confirm(cli, `Withdraw ${id}? Whoever calls it is refused from then on.`, yes)
  await cli.ask((api) => api.models.withdraw.mutate({ id }))
  cli.output.payload({ id }, `Withdrew ${id}.`)
}
