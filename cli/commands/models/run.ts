import { randomUUID } from 'node:crypto'
import { Option } from 'commander'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { CliError, EXIT } from '../../exits'
import { takeBack } from '../../models/cancel'
import { openFolder } from '../../models/folder'
import { checkModelId } from '../../models/ids'
import { fetchOutputs } from '../../models/outputs'
import { postCall, sendCall } from '../../models/send'
import { waitForResult } from '../../models/wait'
import type { Pause } from '../../models/wire'
import { jsonObject, readJsonFile } from '../../read-json'
import { wholeNumber } from '../../whole-number'

interface Input {
  input?: string
  inputFile?: string
}

export interface RunOptions extends Input {
  wait: boolean
  pollSecs: number
  outputDir: string
  download: boolean
  idempotencyKey?: string
}

export const addRun: AddCommand = (program, run) => {
  program
    .command('run')
    .argument('<model_id>', 'owner/name, as `models list` shows it')
    .description('Run a model and fetch what it makes. Ctrl-C cancels it.')
    .addOption(new Option('--input <json>', 'the inputs, a JSON object').conflicts('inputFile'))
    .option('--input-file <path>', 'a file that holds the inputs; - for stdin')
    .option('--no-wait', 'print the id of the request, and do not wait for it')
    .option('--poll-secs <seconds>', 'how often to ask whether it is done', wholeNumber(1, 99_999), 2)
    .option('--output-dir <folder>', 'where to put what it makes', '.')
    .option('--no-download', 'leave what it makes at the server')
    .option(
      '--idempotency-key <key>',
      'any text: the same one again is the same request (default: a new one)',
    )
    .addHelpText(
      'after',
      examples(
        'runcomfy run owner/name --input \'{"prompt": "a lighthouse"}\'',
        'runcomfy run owner/name --input-file inputs.json --no-wait',
      ),
    )
    .action((id: string, options: RunOptions) => run((cli) => runModel(cli, id, options)))
}

/** @param wait how it pauses, which tests do not */
export async function runModel(cli: Cli, modelId: string, options: RunOptions, wait?: Pause): Promise<void> {
  checkModelId(modelId)
  const { idempotencyKey = randomUUID(), pollSecs: pollSeconds } = options
  if (!/^[\x21-\x7e]{1,200}$/.test(idempotencyKey))
    throw new CliError(EXIT.usage, '--idempotency-key takes up to 200 letters, digits and signs, no blanks.')
  const call = { modelId, inputs: await readInput(cli, options), idempotencyKey }
  const folder = options.wait && options.download ? await openFolder(options.outputDir) : undefined
  const id = await interruptibly(
    cli,
    () => sendCall(cli, call, wait),
    // The answer that has the id was cut off: the same call again is the same request.
    (asking) => postCall(asking, call),
  )
  if (!options.wait) return cli.output.payload({ request_id: id, wait: false })
  cli.output.progress('run', `The request is ${id}.`)
  const result = await interruptibly(
    cli,
    () => waitForResult(cli, id, { pollSeconds, ...(wait && { wait }) }),
    async () => id,
  )
  if (folder === undefined) return cli.output.payload(result)
  await fetchOutputs(cli, id, result, folder, wait)
}

/** Does what Ctrl-C ends, and has the request cancelled then. */
async function interruptibly<T>(
  cli: Cli,
  work: () => Promise<T>,
  findId: Parameters<typeof takeBack>[1],
): Promise<T> {
  // Nothing was asked of the server yet.
  cli.signal.throwIfAborted()
  try {
    return await work()
  } catch (error) {
    throw cli.signal.aborted ? await takeBack(cli, findId) : error
  }
}

const LIKE = '{"prompt": "a lighthouse"}'

async function readInput(cli: Cli, { input = '{}', inputFile }: Input): Promise<object> {
  return inputFile === undefined
    ? jsonObject(input, '--input', LIKE)
    : readJsonFile(cli, inputFile, '--input-file', LIKE)
}
