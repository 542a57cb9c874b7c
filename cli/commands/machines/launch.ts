import { randomUUID } from 'node:crypto'
import { Option } from 'commander'
import { MACHINE_KINDS, type MachineKind } from '../../../providers/registry'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { LostAnswer } from '../../exits'
import { askAgain } from '../../http/ask-again'
import { saveNamed } from '../../named/save'
import { pageOf } from './describe'
import { waitUntilRunning } from './wait'

interface LaunchOptions {
  kind?: MachineKind
  name?: string
  size?: string
  save?: string
  wait?: boolean
}

export const addLaunch: AddCommand = (machines, run) => {
  machines
    .command('launch')
    .description('Launch a machine; it gets your saved tokens.')
    .addOption(new Option('--kind <kind>', 'of machine (default: comfyui)').choices(MACHINE_KINDS))
    .option('--name <name>', 'what to call it')
    .option('--size <size>', 'one of those that the server offers')
    .option('--save <save>', 'the cloud save that it begins with: id or name')
    .option('--wait', 'return once it runs, and fail if it fails')
    .addHelpText(
      'after',
      examples(
        'runcomfy machines launch --wait',
        'runcomfy machines launch --name Studio --size standard',
        'runcomfy machines launch --kind trainer --output json',
      ),
    )
    .action((options: LaunchOptions) => run((cli) => launch(cli, options)))
}

async function launch(cli: Cli, { save, wait, ...wanted }: LaunchOptions): Promise<void> {
  const saveId = save === undefined ? undefined : (await saveNamed(cli, save)).id
  // However often it is sent, it makes one machine.
  const idempotencyKey = randomUUID()
  const { id } = await askToLaunch(cli, (api) =>
    api.machines.launch.mutate({ ...wanted, saveId, idempotencyKey }),
  )
  await tellOfLaunch(cli, id, wait)
}

/** As `askAgain`. When it ends without an answer, there may be a machine that costs. */
export async function askToLaunch<T>(...asking: Parameters<typeof askAgain<T>>): Promise<T> {
  const [cli] = asking
  try {
    return await askAgain(...asking)
  } catch (error) {
    if (cli.signal.aborted || error instanceof LostAnswer)
      cli.output.warn('It may have been launched all the same: runcomfy machines ls')
    throw error
  }
}

/** @param wait whether to return only when the machine runs */
export async function tellOfLaunch(cli: Cli, id: string, wait: boolean | undefined): Promise<void> {
  const page = pageOf(cli.login().server, id)
  if (!wait)
    return cli.output.payload(
      { id },
      `Launched ${id}\n${page}\nWatch it start: runcomfy machines logs ${id} --follow`,
    )
  cli.output.progress('machine', `${id}  ${page}`)
  await waitUntilRunning(cli, id)
}
