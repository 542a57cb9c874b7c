import { Option } from 'commander'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import type { ListedMachine, Log } from '../../http/shapes'
import { hasEnded, machineNamed } from '../../named/machine'
import { lineFeed } from '../../output/line-feed'
import { wholeNumber } from '../../whole-number'
import { followLog } from './follow-log'
import { lastLines, type WantedLog } from './last-lines'

const SERVICES = ['comfyui', 'filebrowser', 'trainer'] as const satisfies Log['service'][]
const LINES = 200
const LINES_MAX = 100_000

interface LogsOptions {
  service?: Log['service']
  attempt?: number
  lines: number
  follow?: boolean
}

export const addLogs: AddCommand = (machines, run) => {
  machines
    .command('logs')
    .argument('<machine>', 'id or name')
    .description(
      'Print what a machine’s service has printed last. Secrets and control characters are taken out.',
    )
    .addOption(new Option('--service <service>', 'whose (default: the machine’s first)').choices(SERVICES))
    .addOption(
      new Option('--lines <count>', 'so many of the last lines')
        .argParser(wholeNumber(1, LINES_MAX))
        .default(LINES),
    )
    .addOption(
      new Option('--attempt <number>', 'of an earlier attempt (default: the latest)').argParser(
        wholeNumber(1),
      ),
    )
    .option('-f, --follow', 'go on until the machine has ended; Ctrl-C ends it with exit code 130')
    .addHelpText(
      'after',
      examples(
        'runcomfy machines logs Studio',
        'runcomfy machines logs Studio --follow',
        'runcomfy machines logs k3f7 --service filebrowser --lines 50',
      ),
    )
    .action((given: string, options: LogsOptions) => run((cli) => logs(cli, given, options)))
}

async function logs(cli: Cli, given: string, { lines, follow, ...of }: LogsOptions): Promise<void> {
  const machine = await machineNamed(cli, given)
  const wanted: WantedLog = { id: machine.id, ...of }
  const last = await lastLines(cli, wanted, lines)
  const print = cli.output.mode === 'json' ? printParts(cli) : printLines(cli)
  print.add(last)
  if (follow) await followLog(cli, machine, last, print.add)
  else if (!last.text) cli.output.progress('logs', nothingOf(machine))
  print.end()
}

const nothingOf = (machine: ListedMachine) =>
  hasEnded(machine) ? 'No output is kept.' : 'Nothing was printed yet.'

/** Where parts of a log go, in their order. */
interface LogPrint {
  add(part: Log): void
  end(): void
}

/** For scripts: a line of JSON for each part, as it came. */
const printParts = ({ output }: Cli): LogPrint => ({
  add: ({ service, attempt, text }) => output.payload({ service, attempt, text }),
  end: () => undefined,
})

function printLines({ output }: Cli): LogPrint {
  const feed = lineFeed((line) => output.raw(`${line}\n`))
  return { add: ({ text }) => feed.add(text), end: feed.end }
}
