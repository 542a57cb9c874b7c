import type { Cli } from '../../cli'
import { follow } from '../../http/follow'
import type { ListedMachine, Machine } from '../../http/shapes'
import { hasEnded } from '../../machine-named'
import { watchMachine } from '../../watch-machine'
import type { LastLines } from './last-lines'
import type { LogPrint } from './logs'

interface Followed {
  machine: ListedMachine
  /** What was printed of it. */
  last: LastLines
  /** Whether a later attempt of the machine is another matter. */
  isOneAttempt: boolean
}

/** Prints a log as it grows, and those of the attempts after it, until the machine has ended. */
export async function followLog(
  cli: Cli,
  { machine: { id, name }, last, isOneAttempt }: Followed,
  print: LogPrint,
): Promise<void> {
  let at = last
  for (;;) {
    const { machine, cursor } = await followAttempt(cli, id, at, print)
    for (at = await readOn(cli, id, at, cursor); at.text; at = await readOn(cli, id, at, at.newer))
      print.add(at)
    print.end()
    if (isOneAttempt || machine.attempt === at.attempt)
      return cli.output.progress('logs', endOf(name, machine))
    at = await readOn(cli, id, { ...at, attempt: machine.attempt }, 'start')
    cli.output.progress('logs', `Attempt ${at.attempt} of ${name}:`)
    print.add(at)
  }
}

/** @returns the machine, once this attempt is over, and how far the log was printed by then */
async function followAttempt(cli: Cli, id: string, { service, attempt, newer }: LastLines, print: LogPrint) {
  const over = new AbortController()
  const { signal } = over
  const ending = lastOf(cli, id, attempt, signal).finally(() => over.abort())
  // Whoever waits for it below may never get there.
  ending.catch(() => undefined)
  let cursor = newer
  const parts = follow<LastLines>(cli, {
    signal,
    check: (api) => api.machines.get.query({ id }),
    subscribe: (api, lastEventId, handlers) =>
      api.machines.watchLogs.subscribe({ id, service, cursor, lastEventId }, handlers),
  })
  try {
    for await (const part of parts) {
      print.add(part)
      cursor = part.newer
    }
  } finally {
    over.abort()
  }
  return { machine: await ending, cursor }
}

async function lastOf(cli: Cli, id: string, attempt: number, signal: AbortSignal): Promise<Machine> {
  for await (const machine of watchMachine(cli, id, signal))
    if (hasEnded(machine) || machine.attempt !== attempt) return machine
  throw signal.reason
}

const readOn = (cli: Cli, id: string, { service, attempt }: LastLines, cursor: string) =>
  cli.ask((api) => api.machines.logs.query({ id, service, attempt, cursor }))

function endOf(name: string, { status, error }: Machine): string {
  return error ? `${name} has failed. ${error.message} ${error.cure}` : `${name} is ${status}.`
}
