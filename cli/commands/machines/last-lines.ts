import type { Cli } from '../../cli'
import type { Log } from '../../http/shapes'

export interface WantedLog {
  id: string
  service?: Log['service']
  attempt?: number
}

/** The end of a log, and where it goes on. */
export interface LastLines extends Log {
  newer: string
}

/** The newest lines of a log, at most `count` of them; from as many pages as that takes. */
export async function lastLines(cli: Cli, wanted: WantedLog, count: number): Promise<LastLines> {
  const read = (cursor?: string) => cli.ask((api) => api.machines.logs.query({ ...wanted, cursor }))
  const { service, attempt, newer, ...newest } = await read()
  let { text, older } = newest
  for (let begin = newest; older !== null && !hasLines(text, count); text = begin.text + text) {
    begin = await read(older)
    older = begin.older
  }
  if (newest.dropped && older === null)
    cli.output.progress('logs', 'The beginning of this log is no longer kept.')
  return { service, attempt, newer, text: lastOf(text, count) }
}

const hasLines = (text: string, count: number) => text.split('\n').length > count

function lastOf(text: string, count: number): string {
  const lines = text.split('\n')
  const isWhole = lines.at(-1) === ''
  return lines.slice(-(isWhole ? count + 1 : count)).join('\n')
}
