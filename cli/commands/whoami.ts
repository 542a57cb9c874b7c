import type { Cli } from '../cli'
import { type AddCommand, examples } from '../command'
import { askForMe, labelOf } from '../http/me'

export const addWhoami: AddCommand = (program, run) => {
  program
    .command('whoami')
    .description('Show who is logged in.')
    .addHelpText('after', examples('runcomfy whoami', 'runcomfy whoami --output json'))
    .action(() => run(whoami))
}

async function whoami(cli: Cli): Promise<void> {
  const me = await askForMe(cli.fetch, cli.login())
  const lines = [
    labelOf(me),
    me.username && `username: ${me.username}`,
    me.token_type && `token type: ${me.token_type}`,
    `user id: ${me.id}`,
  ]
  cli.output.payload(me, lines.filter(Boolean).join('\n'))
}
