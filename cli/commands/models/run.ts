import { readFile } from 'node:fs/promises'
import { Option } from 'commander'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { CliError, EXIT } from '../../exits'
import { readStdin } from '../../read-stdin'
import { wholeNumber } from '../../whole-number'
import { checkModelId, noModelsYet } from './no-models-yet'

interface Input {
  input?: string
  inputFile?: string
}

export const addRun: AddCommand = (program, run) => {
  program
    .command('run')
    .argument('<model_id>', 'owner/name, as `models list` shows it')
    .description('Run a model and fetch what it makes.')
    .addOption(new Option('--input <json>', 'the inputs, a JSON object').conflicts('inputFile'))
    .option('--input-file <path>', 'a file that holds the inputs; - for stdin')
    .option('--no-wait', 'print the id of the request, and do not wait for it')
    .option('--poll-secs <seconds>', 'how often to ask whether it is done', wholeNumber(1, 99_999), 2)
    .option('--output-dir <folder>', 'where to put what it makes', '.')
    .option('--no-download', 'leave what it makes at the server')
    .addHelpText(
      'after',
      examples(
        'runcomfy run owner/name --input \'{"prompt": "a lighthouse"}\'',
        'runcomfy run owner/name --input-file inputs.json --no-wait',
      ),
    )
    .action((id: string, values: Input) => run((cli) => runModel(cli, id, values)))
}

async function runModel(cli: Cli, id: string, values: Input): Promise<void> {
  checkModelId(id)
  await readInput(cli, values)
  await noModelsYet()
}

/** @throws CliError `noFile` for a file that can't be read, `badInput` for what is no JSON object */
async function readInput(cli: Cli, { input, inputFile }: Input): Promise<object> {
  const [json, from] =
    inputFile === undefined
      ? [input ?? '{}', '--input']
      : [await (inputFile === '-' ? readStdin(cli) : readLocal(inputFile)), '--input-file']
  const value = parse(json)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CliError(EXIT.badInput, `${from} must be a JSON object, as {"prompt": "a lighthouse"}`)
  return value
}

const readLocal = (path: string) =>
  readFile(path, 'utf8').catch((error) => {
    throw new CliError(EXIT.noFile, `--input-file can't be read: ${error.message}`)
  })

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
