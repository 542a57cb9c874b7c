import type { Cli } from '../../cli'
import { CliError, EXIT } from '../../exits'
import type { Machine } from '../../http/shapes'
import { watchMachine } from '../../watch-machine'
import { describeMachine } from './describe'

/**
 * Tells of a launch as it goes on, until the machine runs, and then prints the machine.
 * @throws CliError `upstream` when the launch failed, `tryAgain` when the machine was stopped before it ran
 */
export async function waitUntilRunning(cli: Cli, id: string): Promise<void> {
  try {
    const machine = await firstRunning(cli, id)
    cli.output.payload(machine, describeMachine(cli.login().server, machine))
  } catch (error) {
    if (cli.signal.aborted)
      cli.output.warn(`The machine ${id} goes on. To stop it: runcomfy machines stop ${id}`)
    throw error
  }
}

async function firstRunning(cli: Cli, id: string): Promise<Machine> {
  let lastEvent = 0
  let place: string | undefined
  for await (const machine of watchMachine(cli, id)) {
    for (const event of machine.events.filter((one) => one.id > lastEvent)) {
      lastEvent = event.id
      cli.output.progress('machine', event.text)
    }
    if (machine.queue && machine.queue.message !== place) cli.output.progress('queue', machine.queue.message)
    place = machine.queue?.message
    if (machine.status === 'running') return machine
    if (machine.status === 'failed') throw failed(machine)
    if (machine.status === 'stopped')
      throw new CliError(EXIT.tryAgain, `The machine ${id} was stopped before it ran.`)
  }
  throw new CliError(EXIT.upstream, `Nothing more was told of the machine ${id}.`)
}

function failed({ id, error }: Machine): CliError {
  const why = error ? `${error.message} ${error.cure}` : 'Nobody knows why.'
  return new CliError(
    EXIT.upstream,
    `The machine ${id} failed. ${why} Its logs: runcomfy machines logs ${id}`,
  )
}
