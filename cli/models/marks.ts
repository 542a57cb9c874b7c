import { CliError, EXIT } from '../exits'
import type { Definition, WorkflowReading } from '../http/shapes'

type Input = NonNullable<Definition['inputs']>[number]
type Output = Definition['outputs'][number]
type Source = NonNullable<Definition['sources']>[number]

/** What somebody marks of a workflow in a command line. */
export interface Marks {
  title?: string
  description?: string
  category?: string[]
  size?: string
  /** `name=node.field` or `name=node.field:type`. */
  in?: string[]
  /** `name=node`. */
  out?: string[]
  /** `file=address`. */
  source?: string[]
}

/**
 * @param modelId what the model is called where it is given no title
 * @param reading what the workflow has; what isn't said comes from there
 * @throws CliError `usage` for a mark of what the workflow doesn't have
 */
export function definitionOf(modelId: string, reading: WorkflowReading, marks: Marks): Definition {
  const { title, description, category, size, in: ins = [], out: outs = [], source = [] } = marks
  return {
    title: title ?? modelId.split('/').slice(1).join(' '),
    ...(description !== undefined && { description }),
    ...(category && { categories: category }),
    ...(size !== undefined && { size }),
    inputs: ins.map((mark) => inputOf(mark, reading)),
    outputs: outs.map((mark) => outputOf(mark, reading)),
    sources: source.map((mark) => sourceOf(mark, reading)),
  }
}

const split = (mark: string, option: string, like: string): [string, string] => {
  const [, name, rest] = /^([^=]+)=(.+)$/s.exec(mark) ?? []
  if (name && rest) return [name, rest]
  throw new CliError(EXIT.usage, `${option} takes ${like}.`)
}

function inputOf(mark: string, { inputs }: WorkflowReading): Input {
  const [name, target] = split(mark, '--in', 'name=node.field or name=node.field:type')
  // Ids of nodes and names of fields may have dots and colons in them.
  const found =
    inputs.find(({ node, field }) => target === `${node}.${field}`) ??
    inputs.find(({ node, field }) => target.startsWith(`${node}.${field}:`))
  if (!found)
    throw new CliError(
      EXIT.usage,
      `The workflow has no value ${target} to open as ${name}. See what it has: runcomfy models read --workflow <file>`,
    )
  const { node, field, title } = found
  const type = target.slice(`${node}.${field}:`.length) || found.type
  return { name, title, type: type as Input['type'], node, field }
}

function outputOf(mark: string, { outputs }: WorkflowReading): Output {
  const [name, node] = split(mark, '--out', 'name=node')
  return { name, node, title: outputs.find((one) => one.node === node)?.title ?? name }
}

function sourceOf(mark: string, { files }: WorkflowReading): Source {
  const file = files.find(({ name }) => mark.startsWith(`${name}=`))
  if (!file)
    throw new CliError(
      EXIT.usage,
      '--source takes file=address, of a file that the workflow loads. See which: runcomfy models read --workflow <file>',
    )
  const { name, folder } = file
  if (!folder)
    throw new CliError(
      EXIT.usage,
      `The workflow doesn't tell which folder ${name} belongs in: say it in a file, with --definition.`,
    )
  return { name, folder, source: mark.slice(name.length + 1) }
}
