import type { Cli } from '../../cli'
import { type AddCommand, examples } from '../../command'
import { CliError, EXIT } from '../../exits'
import { fieldOf } from '../../http/answer'
import type { Workflow, WorkflowReading } from '../../http/shapes'
import { type Column, table } from '../../output/table'
import { readJsonFile } from '../../read-json'

export const WORKFLOW = [
  '--workflow <path>',
  'a file as ComfyUI’s “Export (API)” writes it; - for stdin',
] as const
const LIKE = '{"3": {"class_type": "KSampler", "inputs": {…}}, …}: choose “Export (API)” in ComfyUI'

/** @throws CliError `badInput` also for the format that the editor saves, which is the likely mistake */
export async function readWorkflowFile(cli: Cli, path: string): Promise<Workflow> {
  const workflow = await readJsonFile(cli, path, '--workflow', LIKE)
  if (Array.isArray(fieldOf(workflow, 'nodes')))
    throw new CliError(EXIT.badInput, `--workflow is in the editor's own format. It must be as ${LIKE}`)
  return workflow as Workflow
}

export const addRead: AddCommand = (models, run) => {
  models
    .command('read')
    .description('List what a workflow has to open to callers, what comes out of it, and what it loads.')
    .requiredOption(...WORKFLOW)
    .addHelpText('after', examples('runcomfy models read --workflow flux.json'))
    .action(({ workflow }: { workflow: string }) => run((cli) => read(cli, workflow)))
}

async function read(cli: Cli, path: string): Promise<void> {
  const workflow = await readWorkflowFile(cli, path)
  const reading = await cli.ask((api) => api.models.read.mutate({ workflow }))
  cli.output.payload(reading, describeReading(reading, cli.output.columns))
}

/** In the words that `models publish` takes. */
function describeReading({ inputs, outputs, files }: WorkflowReading, width: number | undefined): string {
  const parts = [
    table(inputs, INPUT_COLUMNS, { width, empty: 'No value can be opened.' }),
    table(outputs, OUTPUT_COLUMNS, { width, empty: 'Nothing comes out.' }),
    files.length > 0 && table(files, FILE_COLUMNS, { width, empty: '' }),
    '* what most authors mark',
  ]
  return parts.filter(Boolean).join('\n\n')
}

const star = (isLikely: boolean) => (isLikely ? '*' : '')

const INPUT_COLUMNS: Column<WorkflowReading['inputs'][number]>[] = [
  { title: '', of: ({ isLikely }) => star(isLikely) },
  { title: '--in', of: ({ name, node, field, type }) => `${name}=${node}.${field}:${type}` },
  { title: 'NODE', of: ({ nodeTitle }) => nodeTitle, shrinks: true },
  { title: 'VALUE', of: ({ value }) => JSON.stringify(value), shrinks: true },
]
const OUTPUT_COLUMNS: Column<WorkflowReading['outputs'][number]>[] = [
  { title: '', of: ({ isLikely }) => star(isLikely) },
  { title: '--out', of: ({ name, node }) => `${name}=${node}` },
  { title: 'NODE', of: ({ title, nodeClass }) => (title === nodeClass ? title : `${title} (${nodeClass})`) },
]
const FILE_COLUMNS: Column<WorkflowReading['files'][number]>[] = [
  { title: 'FILE', of: ({ name }) => name },
  { title: 'FOLDER', of: ({ folder }) => folder ?? 'unknown' },
]
