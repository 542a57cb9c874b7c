import type { Command } from 'commander'
import type { Cli } from '../../cli'
import { type AddCommand, examples, type Run } from '../../command'
import { CliError, EXIT } from '../../exits'
import { askAgain } from '../../http/ask-again'
import { cancelRequest } from '../../models/cancel'
import { openFolder } from '../../models/folder'
import { checkRequestId } from '../../models/ids'
import { fetchOutputs } from '../../models/outputs'
import { progressOf } from '../../models/request'
import { askWire } from '../../models/wire'
import { addListRequests } from './list-requests'

/** `status`, `result` and `cancel`, and the same as `requests get`, `result` and `cancel`. */
export const addRequests: AddCommand = (program, run) => {
  const requests = program
    .command('requests')
    .description('Requests that `run` has made: list, get, result, cancel.')
    .addHelpText('after', examples('runcomfy requests list', 'runcomfy requests get 3f2a'))
  addListRequests(requests, run)
  for (const [parent, statusName] of [
    [requests, 'get'],
    [program, 'status'],
  ] as const) {
    const add = (name: string, description: string) => addVerb(parent, name, description)
    add(statusName, 'Show how far a request is.').action((id: string) => run((cli) => status(cli, id)))
    addResult(add('result', 'Show what a request has made.'), run)
    add('cancel', 'Take a request back that has not ended.').action((id: string) =>
      run((cli) => cancel(cli, id)),
    )
  }
}

const addVerb = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .argument('<request_id>', 'as `run` prints it')
    .description(description)
    .addHelpText('after', examples(`runcomfy ${parent.parent ? 'requests ' : ''}${name} 3f2a`))

interface ResultOptions {
  download?: boolean
  outputDir: string
}

const addResult = (command: Command, run: Run) =>
  command
    .option('--download', 'fetch what it has made')
    .option('--output-dir <folder>', 'where to put it', '.')
    .action((id: string, options: ResultOptions) => run((cli) => result(cli, id, options)))

async function status(cli: Cli, id: string): Promise<void> {
  checkRequestId(id)
  cli.output.payload((await askWire(cli, `requests/${id}/status`)).body)
}

async function result(cli: Cli, id: string, { download, outputDir }: ResultOptions): Promise<void> {
  checkRequestId(id)
  const { body } = await askWire(cli, `requests/${id}/result`)
  if (!download) return cli.output.payload(body)
  const { state } = progressOf(body)
  if (state !== 'completed')
    throw new CliError(
      EXIT.failed,
      state === 'waiting'
        ? `The request ${id} is not done yet. How far it is: runcomfy status ${id}`
        : `The request ${id} was ${state === 'failed' ? 'not completed: it failed' : 'cancelled'}.`,
    )
  await fetchOutputs(cli, id, body, await openFolder(outputDir))
}

async function cancel(cli: Cli, id: string): Promise<void> {
  checkRequestId(id)
  const { body, isCancelled, status } = await askAgain(cli, () => cancelRequest(cli, id))
  cli.output.payload(body)
  if (!isCancelled) throw new CliError(EXIT.failed, `The request ${id} has ended already: ${status}.`)
}
