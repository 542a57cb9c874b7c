import type { InputType, ModelDefinition, ModelInput } from '../../../workflows/definition'
import type { InputCandidate, OutputCandidate, WorkflowReading } from '../../../workflows/reading'

/** What an author has typed so far, all of it as text: nothing is lost that isn't right yet. */
export interface Draft {
  name: string
  kind: string
  title: string
  description: string
  /** Parted by commas. */
  categories: string
  visibility: 'private' | 'everyone'
  /** Empty for the first that a caller may use. */
  size: string
  /** In the order in which callers see them. */
  inputs: MarkedInput[]
  outputs: MarkedOutput[]
  /** One for each file that the workflow loads. */
  sources: SourceDraft[]
}

export interface MarkedInput {
  node: string
  field: string
  name: string
  title: string
  description: string
  type: InputType
  isRequired: boolean
  /** Empty where the workflow's own value stays. */
  default: string
  /** One a line. */
  choices: string
  minimum: string
  maximum: string
}

export type MarkedOutput = Pick<OutputCandidate, 'node' | 'name' | 'title'>

export interface SourceDraft {
  name: string
  folder: string
  /** Empty where the author gives none. */
  source: string
}

/** Tells apart the values of a workflow. */
export const keyOf = ({ node, field }: { node: string; field: string }) => `${node} ${field}`

const isFile = (type: InputType) => type === 'image' || type === 'video' || type === 'audio'

export function markedInput(candidate: InputCandidate): MarkedInput {
  const { node, field, name, title, type, value } = candidate
  // A seed without a value is a random one, and the author's own files are on no machine of a caller's.
  const keeps = type !== 'seed' && !isFile(type)
  return {
    ...{ node, field, name, title, type },
    description: '',
    isRequired: isFile(type),
    default: keeps ? String(value) : '',
    ...{ choices: '', minimum: '', maximum: '' },
  }
}

/** The form as it begins for a workflow, with what most authors would mark: texts and files first. */
export function newDraft(reading: WorkflowReading): Draft {
  const inputs = reading.inputs.filter(({ isLikely }) => isLikely)
  const prompts = inputs.filter(({ type }) => type === 'text' || isFile(type))
  const others = inputs.filter((input) => !prompts.includes(input))
  const likely = reading.outputs.filter(({ isLikely }) => isLikely)
  return {
    ...{ name: '', kind: '', title: '', description: '', categories: '', visibility: 'private', size: '' },
    inputs: [...prompts, ...others].map(markedInput),
    outputs: (likely.length || reading.outputs.length > 1 ? likely : reading.outputs).map(markedOutput),
    sources: sourcesOf(reading, []),
  }
}

export const markedOutput = ({ node, name, title }: OutputCandidate): MarkedOutput => ({ node, name, title })

/** The form filled with what was published, and the marks that fit its workflow no more. */
export function draftOf(id: string, definition: ModelDefinition, reading: WorkflowReading): Fitted {
  const [, name = '', kind = ''] = id.split('/')
  const values = new Map(reading.inputs.map((candidate) => [keyOf(candidate), candidate.value]))
  const { title, description, categories, size = '', inputs, outputs, sources } = definition
  const draft: Draft = {
    ...{ name, kind, title, description, size },
    categories: categories.join(', '),
    visibility: 'private',
    inputs: inputs.map((input) => reopened(input, values.get(keyOf(input)))),
    outputs,
    sources,
  }
  const fitted = fitDraft(draft, reading)
  const loaded = new Set(reading.files.map(({ name }) => name))
  fitted.draft.sources.push(...sources.filter(({ name }) => !loaded.has(name)))
  return fitted
}

function reopened(input: ModelInput, value: unknown): MarkedInput {
  const { node, field, name, title, type, description = '', choices = [], minimum, maximum } = input
  const text = (given: unknown) => (given === undefined ? '' : String(given))
  // An empty text is a value like another: what the workflow has is said, so that it stays.
  const fallback = type === 'text' ? value : undefined
  return {
    ...{ node, field, name, title, type, description },
    isRequired: input.required && input.default === undefined,
    default: text(input.default ?? fallback),
    choices: choices.join('\n'),
    minimum: text(minimum),
    maximum: text(maximum),
  }
}

interface Fitted {
  draft: Draft
  /** What was marked and is not in the workflow, in words. */
  lost: string[]
}

/** A draft for another workflow: marks whose node and field are there stay, the others are named. */
export function fitDraft(draft: Draft, reading: WorkflowReading): Fitted {
  const values = new Set(reading.inputs.map(keyOf))
  const nodes = new Set(reading.outputs.map(({ node }) => node))
  const inputs = draft.inputs.filter((input) => values.has(keyOf(input)))
  const outputs = draft.outputs.filter(({ node }) => nodes.has(node))
  const lost = [
    ...draft.inputs.filter((input) => !values.has(keyOf(input))),
    ...draft.outputs.filter(({ node }) => !nodes.has(node)),
  ].map(({ title, node }) => `${title} (node ${node})`)
  return { draft: { ...draft, inputs, outputs, sources: sourcesOf(reading, draft.sources) }, lost }
}

const sourcesOf = ({ files }: WorkflowReading, known: readonly SourceDraft[]): SourceDraft[] =>
  files.map(
    ({ name, folder }) =>
      known.find((source) => source.name === name) ?? { name, folder: folder ?? '', source: '' },
  )
