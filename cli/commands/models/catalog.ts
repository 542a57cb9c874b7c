import { Option } from 'commander'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { fieldOf } from '../../http/answer'
import { describeModel, listed, MODEL_COLUMNS } from '../../models/describe'
import { checkModelId } from '../../models/ids'
import { askWire } from '../../models/wire'
import { oneLine } from '../../output/one-line'
import { table } from '../../output/table'
import { wholeNumber } from '../../whole-number'

interface ListOptions {
  search?: string
  category?: string
  kind?: string
  includeSchema?: boolean
  limit: number
  offset: number
}

/** What the server has, as `/v1/models` says. */
export const addCatalog: AddCommand = (models, run) => {
  models
    .command('list')
    .alias('ls')
    .description('List models.')
    .option('--search <text>', 'those whose name has it')
    .option('--category <name>', 'those of a category')
    .addOption(new Option('--kind <kind>', 'those of a kind').choices(['model', 'workflow', 'inference']))
    .option('--include-schema', 'with what each takes')
    .option('--limit <count>', 'how many, up to 500', wholeNumber(1, 500), 100)
    .option('--offset <count>', 'how many to pass over', wholeNumber(0, 1_000_000), 0)
    .addHelpText('after', examples('runcomfy models list --kind workflow --limit 20'))
    .action((options: ListOptions) => run((cli) => list(cli, options)))
  models
    .command('categories')
    .description('List the categories of models.')
    .addHelpText('after', examples('runcomfy models categories'))
    .action(() => run(categories))
  models
    .command('get')
    .argument('<model_id>', 'owner/name, as `models list` shows it')
    .description('Show a model and what it takes.')
    .addHelpText('after', examples('runcomfy models get owner/name'))
    .action((id: string) => run((cli) => get(cli, id)))
}

async function list(cli: Cli, { includeSchema, limit, offset, ...filters }: ListOptions): Promise<void> {
  const query = new URLSearchParams({ ...filters, limit: String(limit), offset: String(offset) })
  if (includeSchema) query.set('include_schema', 'true')
  const { body } = await askWire(cli, `models?${query}`)
  const models = listed(fieldOf(body, 'models'))
  const empty = 'No such models. Publish one: runcomfy models publish --help'
  cli.output.payload(body, table(models, MODEL_COLUMNS, { width: cli.output.columns, empty }))
  const total = fieldOf(body, 'total')
  if (typeof total === 'number' && total > offset + models.length)
    cli.output.progress('models', `${total} in all. The next: --offset ${offset + models.length}`)
}

async function categories(cli: Cli): Promise<void> {
  const { body } = await askWire(cli, 'models/categories')
  const names = listed(fieldOf(body, 'categories')).map((name) => oneLine(String(name)))
  cli.output.payload(body, names.join('\n') || 'No model has a category.')
}

async function get(cli: Cli, id: string): Promise<void> {
  checkModelId(id)
  const { body } = await askWire(cli, `models/${id}`)
  cli.output.payload(body, describeModel(body))
}
