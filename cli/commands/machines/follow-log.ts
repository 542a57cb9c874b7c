import type { Cli } from '../../cli'
import { follow } from '../../http/follow'
import type { ListedMachine, Log, Machine } from '../../http/shapes'
import { hasEnded } from '../../named/machine'
import { watchMachine } from '../../watch-machine'
import type { LastLines } from './last-lines'

/**
 * Prints a log as it grows, each part once, until the machine has ended or a later attempt of it has begun.
 * @param from what was printed of it before
 */
export async function followLog(
  cli: Cli,
  { id, name }: ListedMachine,
  from: LastLines,
  print: (part: Log) => void,
): Promise<void> {
  const { service, attempt } = from
  const over = new AbortController()
  const ending = untilOver(cli, id, attempt, over.signal).finally(() => over.abort())
  // Whoever waits for it below may never get there.
  ending.catch(() => undefined)
  let cursor = from.newer
  const parts = follow<LastLines>(cli, {
    signal: over.signal,
    check: (api) => api.machines.get.query({ id }),
    subscribe: (api, lastEventId, handlers) =>
      api.machines.watchLogs.subscribe({ id, service, cursor: from.newer, lastEventId }, handlers),
  })
  try {
    for await (const part of parts) {
      print(part)
      cursor = part.newer
    }
  } finally {
    over.abort()
  }
  const machine = await ending
  // What was printed in the last moment.
  for (;;) {
    const part = await cli.ask((api) => api.machines.logs.query({ id, service, cursor }))
    if (!part.text) break
    print(part)
    cursor = part.newer
  }
  cli.output.progress('logs', endOf(name, attempt, machine))
}

async function untilOver(cli: Cli, id: string, attempt: number, signal: AbortSignal): Promise<Machine> {
  for await (const machine of watchMachine(cli, id, signal))
    if (hasEnded(machine) || machine.attempt !== attempt) return machine
  throw signal.reason
}

function endOf(name: string, attempt: number, machine: Machine): string {
  if (machine.attempt !== attempt) return `Attempt ${attempt} of ${name} is over.`
  const { status, error } = machine
  return error ? `${name} has failed. ${error.message} ${error.cure}` : `${name} has ${status}.`
}
