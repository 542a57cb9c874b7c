import { Option } from 'commander'
import { type AddCommand, examples } from '../../command'
import { wholeNumber } from '../../whole-number'
import { checkModelId, noModelsYet } from './no-models-yet'

export const addModels: AddCommand = (program, run) => {
  const models = program
    .command('models')
    .description('The models that a server runs: list, categories, get.')
    .addHelpText('after', examples('runcomfy models list --search flux'))
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
    .action(() => run(noModelsYet))
  models
    .command('categories')
    .description('List the categories of models.')
    .addHelpText('after', examples('runcomfy models categories'))
    .action(() => run(noModelsYet))
  models
    .command('get')
    .argument('<model_id>', 'owner/name, as `models list` shows it')
    .description('Show a model and what it takes.')
    .addHelpText('after', examples('runcomfy models get owner/name'))
    .action((id: string) =>
      run(async () => {
        checkModelId(id)
        await noModelsYet()
      }),
    )
}
