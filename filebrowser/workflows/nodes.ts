import { Refusal } from '../refusal'

/** A node of a workflow, in whichever of ComfyUI's two formats it was saved. */
export interface WorkflowNode {
  nodeClass: string
  /** What was set in it: a list in the editor's format, by input in the API's. */
  values: unknown
  /** What its author says of the models that it needs. */
  models: unknown[]
}

const NODES_MAX = 20_000
const WRAPPERS = ['workflow', 'prompt', 'output', 'graph']

/**
 * The nodes of a workflow file, those inside subgraphs and group nodes included.
 * @throws Refusal `bad_request` for what is no workflow
 */
export function nodesOf(file: unknown): WorkflowNode[] {
  const nodes = editorNodes(file) ?? apiNodes(file) ?? wrapped(file, 3)
  if (!nodes)
    throw new Refusal(
      'bad_request',
      'This is no ComfyUI workflow. Save one with “Save” or “Export (API)” in ComfyUI’s menu and choose that file.',
    )
  if (nodes.length > NODES_MAX)
    throw new Refusal('bad_request', `A workflow of more than ${NODES_MAX} nodes is not read. Split it up.`)
  return nodes
}

/** As the editor saves it. */
function editorNodes(file: unknown): WorkflowNode[] | undefined {
  if (!isObject(file) || !Array.isArray(file.nodes)) return undefined
  const { definitions, extra, models } = file
  const subgraphs = isObject(definitions) ? listOf(definitions.subgraphs) : []
  const groups = isObject(extra) && isObject(extra.groupNodes) ? Object.values(extra.groupNodes) : []
  const inner = [...subgraphs, ...groups].flatMap((graph) => (isObject(graph) ? listOf(graph.nodes) : []))
  const nodes = [...file.nodes, ...inner].filter(isObject).map(({ type, widgets_values, properties }) => ({
    nodeClass: typeof type === 'string' ? type : '',
    values: widgets_values,
    models: isObject(properties) ? listOf(properties.models) : [],
  }))
  // Older files name the models of the whole in one list.
  return [...nodes, { nodeClass: '', values: undefined, models: listOf(models) }]
}

/** As the API takes it: by id. */
function apiNodes(file: unknown): WorkflowNode[] | undefined {
  if (!isObject(file)) return undefined
  const nodes = Object.values(file).flatMap((node) =>
    isObject(node) && typeof node.class_type === 'string'
      ? [{ nodeClass: node.class_type, values: node.inputs, models: [] }]
      : [],
  )
  return nodes.length > 0 ? nodes : undefined
}

function wrapped(file: unknown, depth: number): WorkflowNode[] | undefined {
  if (!isObject(file) || depth === 0) return undefined
  for (const name of WRAPPERS) {
    const given = file[name]
    const inner = typeof given === 'string' ? parse(given) : given
    const nodes = editorNodes(inner) ?? apiNodes(inner) ?? wrapped(inner, depth - 1)
    if (nodes) return nodes
  }
  return undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
