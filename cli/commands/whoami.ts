import type { Cli } from '../cli'
import { type AddCommand, examples } from '../command'

export const addWhoami: AddCommand = (program, run) => {
  program
    .command('whoami')
    .description('Show who is logged in.')
    .addHelpText('after', examples('runcomfy whoami', 'runcomfy whoami --output json'))
    .action(() => run(whoami))
}

async function whoami(cli: Cli): Promise<void> {
  const me = await cli.ask((api) => api.account.me.query())
  cli.output.payload(me)
}
