import type { Command } from 'commander'
import { type AddCommand, examples, type Run } from '../../command'
import { noModelsYet } from './no-models-yet'

const VERBS = [
  { name: 'status', alias: 'get', description: 'Show how far a request is.' },
  { name: 'result', alias: 'result', description: 'Show what a request has made.' },
  { name: 'cancel', alias: 'cancel', description: 'Take a request back that has not begun.' },
]

/** `status`, `result` and `cancel`, and the same as `requests get`, `result` and `cancel`. */
export const addRequests: AddCommand = (program, run) => {
  const requests = program
    .command('requests')
    .description('Requests that `run` has made: get, result, cancel.')
    .addHelpText('after', examples('runcomfy requests get 3f2a'))
  for (const { name, alias, description } of VERBS) {
    addVerb(program, name, description, 'runcomfy', run)
    addVerb(requests, alias, description, 'runcomfy requests', run)
  }
}

function addVerb(parent: Command, name: string, description: string, before: string, run: Run): void {
  parent
    .command(name)
    .argument('<request_id>', 'as `run` prints it')
    .description(description)
    .addHelpText('after', examples(`${before} ${name} 3f2a`))
    .action(() => run(noModelsYet))
}
