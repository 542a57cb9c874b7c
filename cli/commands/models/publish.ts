import { Option } from 'commander'
import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { CliError, EXIT } from '../../exits'
import { fieldOf } from '../../http/answer'
import type { Api } from '../../http/api'
import { askAgain } from '../../http/ask-again'
import type { Definition, Publication, Workflow } from '../../http/shapes'
import { faultLines } from '../../models/faults'
import { checkModelId } from '../../models/ids'
import { definitionOf, type Marks } from '../../models/marks'
import { readJsonFile } from '../../read-json'
import { holdsToken } from '../../token-in-address'
import { readWorkflowFile, WORKFLOW } from './read'

interface PublishOptions extends Marks {
  workflow: string
  definition?: string
  visibility?: Publication['visibility']
  dryRun?: boolean
}

const MARKS = ['in', 'out', 'source', 'title', 'description', 'category', 'size']

export const addPublish: AddCommand = (models, run) => {
  const several = (value: string, before: string[] = []) => [...before, value]
  models
    .command('publish')
    .argument('<model_id>', 'owner/name or owner/name/kind, under your own username')
    .description('Publish a workflow as a model, or as the next version of one.')
    .requiredOption(...WORKFLOW)
    .addOption(
      new Option('--definition <path>', 'a file that says all of it, as --dry-run prints it').conflicts(
        MARKS,
      ),
    )
    .option('--in <name=node.field[:type]>', 'a value that callers may give; repeatable', several)
    .option('--out <name=node>', 'a node whose files come back; repeatable', several)
    .option('--source <file=address>', 'where a file comes from that it loads; repeatable', several)
    .option('--title <text>', 'what people call it (default: its name)')
    .option('--description <text>', 'what it does')
    .option('--category <name>', 'to find it by; repeatable', several)
    .option('--size <size>', 'of the machine that runs it')
    .addOption(
      new Option('--visibility <who>', 'may call it (default: as before, or private)').choices([
        'private',
        'everyone',
      ]),
    )
    .option('--dry-run', 'only print the definition, and publish nothing')
    .addHelpText(
      'after',
      examples(
        'runcomfy models read --workflow flux.json',
        'runcomfy models publish ana/flux --workflow flux.json --in prompt=6.text --out images=9',
        'runcomfy models publish ana/flux --workflow flux.json --definition flux.model.json',
      ),
    )
    .action((id: string, options: PublishOptions) => run((cli) => publish(cli, id, options)))
}

async function publish(cli: Cli, id: string, options: PublishOptions): Promise<void> {
  checkModelId(id)
  const { definition: path, visibility, dryRun } = options
  if (path === '-' && options.workflow === '-')
    throw new CliError(EXIT.usage, 'Only one of --workflow and --definition can come over stdin.')
  if (path === undefined && !options.out)
    throw new CliError(
      EXIT.usage,
      'Mark a node whose files come back: --out name=node. See which there are: runcomfy models read --workflow <file>',
    )
  const workflow = await readWorkflowFile(cli, options.workflow)
  const definition =
    path === undefined
      ? definitionOf(id, await cli.ask((api) => api.models.read.mutate({ workflow })), options)
      : await readDefinition(cli, path)
  if (holdsToken(JSON.stringify(definition.sources ?? [])))
    throw new CliError(
      EXIT.usage,
      'There is a token in the address of a source, where every caller could read it. Give the address alone: machines have their callers’ own tokens.',
    )
  if (dryRun) return cli.output.payload(definition)
  await requireUsername(cli)
  const published = await askAgain(cli, (api) =>
    send(api, { id, workflow, definition, ...(visibility && { visibility }) }),
  )
  cli.output.payload(
    published,
    `Published ${published.id}, version ${published.version}.\nWhat it takes: runcomfy models get ${published.id}`,
  )
}

const readDefinition = async (cli: Cli, path: string) =>
  (await readJsonFile(
    cli,
    path,
    '--definition',
    '{"title": "…", "inputs": […], "outputs": […]}',
  )) as Definition

/** @throws CliError `badInput`, with how to choose one */
async function requireUsername(cli: Cli): Promise<void> {
  const { username } = await cli.ask((api) => api.account.whoami.query())
  if (!username)
    throw new CliError(
      EXIT.badInput,
      'Models are published under a username, and you have none yet. Choose one for good: runcomfy models username <name>',
    )
}

/** @throws CliError with every fault on a line of its own */
async function send(api: Api, publication: { workflow: Workflow; definition: Definition } & Publication) {
  try {
    return await api.models.publish.mutate(publication)
  } catch (error) {
    const faults = error instanceof Error && 'data' in error ? faultLines(fieldOf(error.data, 'faults')) : []
    if (!faults.length) throw error
    throw new CliError(EXIT.badInput, `The definition doesn't fit the workflow:\n${faults.join('\n')}`)
  }
}
