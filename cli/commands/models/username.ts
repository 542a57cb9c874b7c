import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { confirm, YES } from '../../confirm'

export const addUsername: AddCommand = (models, run) => {
  models
    .command('username')
    .argument('<name>', 'of lower-case letters, digits and dashes')
    .description('Choose the name that your models are published under, once and for good.')
    .option(...YES)
    .addHelpText('after', examples('runcomfy models username ana', 'runcomfy models username ana --yes'))
    .action((name: string, { yes }: { yes?: boolean }) => run((cli) => choose(cli, name, yes)))
}

async function choose(cli: Cli, username: string, yes: boolean | undefined): Promise<void> {
  await confirm(cli, `Publish models as ${username}/…? It can't be changed later.`, yes)
  await cli.ask((api) => api.account.chooseUsername.mutate({ username }))
  cli.output.payload({ username }, `Your models are published as ${username}/….`)
}
