import type { InputType, ModelInput, ModelOutput } from './definition'
import { folderLoadedFrom, MODEL_FILE } from './model-files'
import { isLink, nodeTitle, type Workflow, type WorkflowNode } from './workflow'

/** A value of a workflow that an author may open to callers. */
export interface InputCandidate extends Pick<ModelInput, 'node' | 'field'> {
  /** What a person calls the node. */
  nodeTitle: string
  nodeClass: string
  /** Guessed from the value and the names. */
  type: InputType
  value: unknown
  /** A name that no other candidate has. */
  name: string
  title: string
  /** Whether most authors would open it: prompts, seeds, sizes, files. */
  isLikely: boolean
}

/** A node whose files or texts an author may give back. */
export interface OutputCandidate extends ModelOutput {
  nodeClass: string
  isLikely: boolean
}

/** A file that the workflow loads, and where it belongs. */
export interface LoadedFile {
  name: string
  /** From the workspace on; null when the node doesn't tell. */
  folder: string | null
}

export interface WorkflowReading {
  inputs: InputCandidate[]
  outputs: OutputCandidate[]
  files: LoadedFile[]
}

const OUTPUT_CLASS = /save|preview|combine|show.?text|output/i
const LIKELY_FIELD =
  /^(text|prompt|positive|negative|seed|noise_seed|width|height|steps|cfg|denoise|image|video|audio|batch_size|length)$/i

/** What the form for publishing offers: every value, the nodes that end the workflow, and the files it loads. */
export function readWorkflow(workflow: Workflow): WorkflowReading {
  const nodes = Object.entries(workflow)
  const used = new Set(
    nodes.flatMap(([, { inputs }]) =>
      Object.values(inputs)
        .filter(isLink)
        .map(([id]) => id),
    ),
  )
  const names = new Map<string, number>()
  const inputs = nodes.flatMap(([id, node]) =>
    Object.entries(node.inputs)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([field, value]) => candidate(id, node, field, value, names)),
  )
  const outputNames = new Map<string, number>()
  const ends = nodes.filter(([id]) => !used.has(id))
  const isLikely = ([, { class_type }]: [string, WorkflowNode]) => OUTPUT_CLASS.test(class_type)
  const outputs = (ends.length ? ends : nodes)
    // These get the plain names.
    .toSorted((one, other) => Number(isLikely(other)) - Number(isLikely(one)))
    .map(([id, node]) => ({
      node: id,
      nodeClass: node.class_type,
      title: shortTitle(nodeTitle(node)),
      name: unique(outputName(node), outputNames),
      isLikely: isLikely([id, node]),
    }))
  return { inputs, outputs, files: filesOf(workflow) }
}

function candidate(
  id: string,
  node: WorkflowNode,
  field: string,
  value: unknown,
  names: Map<string, number>,
): InputCandidate {
  const type = typeOf(node.class_type, field, value)
  const title = nodeTitle(node)
  const isTitled = title !== node.class_type
  return {
    node: id,
    field,
    nodeTitle: title,
    nodeClass: node.class_type,
    type,
    value,
    name: unique(snake(isTitled && field === 'text' ? title : field), names),
    title: shortTitle(isTitled ? `${title}: ${field}` : field),
    isLikely: LIKELY_FIELD.test(field) && !(typeof value === 'string' && MODEL_FILE.test(value)),
  }
}

function typeOf(nodeClass: string, field: string, value: unknown): InputType {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') {
    if (/(^|_)seed$/i.test(field)) return 'seed'
    return Number.isInteger(value) && !/^(cfg|denoise|strength|scale|weight)/i.test(field)
      ? 'integer'
      : 'number'
  }
  if (/^load_?image/i.test(nodeClass) && field === 'image') return 'image'
  if (/^(load|vhs_load)_?video/i.test(nodeClass) && /^(video|file)$/.test(field)) return 'video'
  if (/^load_?audio/i.test(nodeClass) && field === 'audio') return 'audio'
  return 'text'
}

function outputName({ class_type }: WorkflowNode): string {
  if (/video|combine|webm|gif/i.test(class_type)) return 'videos'
  if (/audio|mp3|flac|opus/i.test(class_type)) return 'audio'
  if (/text|string/i.test(class_type)) return 'texts'
  return 'images'
}

function filesOf(workflow: Workflow): LoadedFile[] {
  const files = new Map<string, LoadedFile>()
  for (const { class_type, inputs } of Object.values(workflow))
    for (const [field, value] of Object.entries(inputs)) {
      if (typeof value !== 'string' || !MODEL_FILE.test(value) || files.has(value)) continue
      const folder = folderLoadedFrom(class_type, field)
      files.set(value, { name: value, folder: folder ? `models/${folder}` : null })
    }
  return [...files.values()]
}

/** As a definition takes it. */
const shortTitle = (text: string) => text.trim().slice(0, 80) || 'Value'

const snake = (text: string) => {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 36)
  return plain || 'value'
}

/** @param taken names, each with the number that its next namesake tries first */
function unique(name: string, taken: Map<string, number>): string {
  let free = name
  let count = taken.get(name) ?? 2
  while (taken.has(free)) free = `${name}_${count++}`
  taken.set(name, count)
  taken.set(free, taken.get(free) ?? 2)
  return free
}
