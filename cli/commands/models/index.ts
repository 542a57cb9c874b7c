import { type AddCommand, examples } from '../../command'
import { addCatalog } from './catalog'
import { addOwn } from './own'
import { addPublish } from './publish'
import { addRead } from './read'
import { addUsername } from './username'

export const addModels: AddCommand = (program, run) => {
  const models = program
    .command('models')
    .description('The models that a server runs: list them, and publish your own.')
    .addHelpText(
      'after',
      examples('runcomfy models list --search flux', 'runcomfy models read --workflow flux.json'),
    )
  for (const add of [addCatalog, addRead, addPublish, addOwn, addUsername]) add(models, run)
}
