import * as z from 'zod'
import { listOf } from './counted'
import { inputValue } from './input-values'
import { ADDRESS_HOLDS_TOKEN, addressHoldsToken, HOLDS_TOKEN, isWithToken } from './tokens'
import { isLink, type Workflow } from './workflow'

/** What callers may give: `seed` without a value is a random one; the last three are files. */
export const INPUT_TYPES = [
  'text',
  'integer',
  'number',
  'boolean',
  'choice',
  'seed',
  'image',
  'video',
  'audio',
] as const
export type InputType = (typeof INPUT_TYPES)[number]

export const isFileType = (type: InputType): type is 'image' | 'video' | 'audio' =>
  type === 'image' || type === 'video' || type === 'audio'

const title = z.string().trim().min(1, 'is empty').max(80, 'has more than 80 characters')
const description = z.string().trim().max(500, 'has more than 500 characters')
/** The name under which callers give an input or find an output. */
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be lower-case letters, digits and _, and begin with a letter')

const modelInput = z.strictObject({
  name,
  title,
  description: description.optional(),
  type: z.enum(INPUT_TYPES, `must be one of ${INPUT_TYPES.join(', ')}`),
  required: z.boolean().default(false),
  /** What is taken when a caller gives none; without one, what the workflow has. */
  default: z.unknown().optional(),
  /** Of a `choice`. */
  choices: listOf(z.string().max(200), 500)
    .refine(({ length }) => length > 0, 'is empty')
    .optional(),
  /** Of an `integer` or a `number`. */
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  /** Which node of the workflow it sets, and which of that node's inputs. */
  node: z.string().max(100),
  field: z.string().max(100),
})
export type ModelInput = z.output<typeof modelInput>

const modelOutput = z.strictObject({
  name,
  title,
  /** The node whose files and texts it is. */
  node: z.string().max(100),
})
export type ModelOutput = z.output<typeof modelOutput>

/** Where a model file comes from that the workflow loads. */
const modelSource = z.strictObject({
  /** As the workflow names it. */
  name: z.string().min(1, 'is empty').max(300),
  /** From the workspace on, such as `models/loras`. */
  folder: z.string().regex(/^models\/[\w./-]{1,100}$/, 'must be a folder below models/, as models/loras'),
  /** Whatever the file manager takes: an address of Hugging Face or Civitai. */
  source: z
    .string()
    .min(1, 'is empty')
    .max(2000)
    .refine((address) => !addressHoldsToken(address), ADDRESS_HOLDS_TOKEN),
})
export type ModelSource = z.output<typeof modelSource>

/** In characters of JSON. */
const DEFINITION_MAX = 256 * 1024

/** What an author says of a workflow, beside the workflow itself. */
export const definitionSchema = z
  .strictObject({
    title,
    description: z.string().trim().max(4000, 'has more than 4000 characters').default(''),
    categories: listOf(
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes'),
      10,
    ).default([]),
    /** The name of one of the installation's sizes; without one, the first that a caller may use. */
    size: z.string().max(40).optional(),
    inputs: listOf(modelInput, 100).default([]),
    outputs: listOf(modelOutput, 50).refine(
      ({ length }) => length > 0,
      'is empty: mark a node whose files come back',
    ),
    sources: listOf(modelSource, 100).default([]),
  })
  .refine(
    (all) => JSON.stringify(all).length <= DEFINITION_MAX,
    'is larger than 256 KiB; offer fewer choices',
  )
  .superRefine(({ sources, ...others }, ctx) => {
    const definition = { ...others, sources: sources.map(({ name, folder }) => ({ name, folder })) }
    for (const [field, value] of Object.entries(definition))
      if (isWithToken(value)) ctx.addIssue({ code: 'custom', path: [field], message: HOLDS_TOKEN })
  })
export type ModelDefinition = z.output<typeof definitionSchema>

const USERNAME = '[a-z0-9](?:[a-z0-9-]{0,37}[a-z0-9])?'
const SEGMENT = '[a-z0-9](?:[a-z0-9._-]{0,57}[a-z0-9])?'

/** What models are published under. */
export const username = z
  .string()
  .regex(new RegExp(`^${USERNAME}$`), 'must be lower-case letters, digits and dashes, at most 39')

/** `owner/name` or `owner/name/kind`. */
export const modelId = z
  .string()
  .regex(
    new RegExp(`^${USERNAME}/${SEGMENT}(/${SEGMENT})?$`),
    'must be owner/name or owner/name/kind, of lower-case letters, digits, dots and dashes',
  )
  // Remix takes such an address for its own way to a page's data.
  .regex(/(?<!\.data)$/, 'must not end with .data')

export interface Fault {
  /** Where it is, as `inputs.2.field`. */
  field: string
  message: string
}

/** What of a definition doesn't fit its workflow; nothing, when all does. */
export function faultsOf(definition: ModelDefinition, workflow: Workflow): Fault[] {
  const { inputs, outputs } = definition
  return [
    ...inputs.flatMap((input, at) => inputFaults(input, workflow, `inputs.${at}`)),
    ...outputs.flatMap(({ node }, at) =>
      Object.hasOwn(workflow, node)
        ? []
        : [{ field: `outputs.${at}.node`, message: `is no node of the workflow: ${node}` }],
    ),
    ...twice(inputs, 'inputs', ({ name }) => name, 'name'),
    ...twice(outputs, 'outputs', ({ name }) => name, 'name'),
    ...twice(inputs, 'inputs', ({ node, field }) => JSON.stringify([node, field]), 'field'),
  ]
}

function inputFaults(input: ModelInput, workflow: Workflow, at: string): Fault[] {
  const node = Object.hasOwn(workflow, input.node) ? workflow[input.node] : undefined
  if (!node) return [{ field: `${at}.node`, message: `is no node of the workflow: ${input.node}` }]
  if (!Object.hasOwn(node.inputs, input.field))
    return [{ field: `${at}.field`, message: `is no input of the node ${input.node}: ${input.field}` }]
  if (isLink(node.inputs[input.field]))
    return [{ field: `${at}.field`, message: 'comes from another node; mark one that holds a value' }]
  if (input.type === 'choice' && !input.choices)
    return [{ field: `${at}.choices`, message: 'is missing: name what there is to choose from' }]
  if (input.minimum !== undefined && input.maximum !== undefined && input.minimum > input.maximum)
    return [{ field: `${at}.minimum`, message: 'is more than the maximum' }]
  if (input.default === undefined) return []
  const checked = inputValue(input).safeParse(input.default)
  return checked.success
    ? []
    : [{ field: `${at}.default`, message: checked.error.issues[0]?.message ?? 'does not fit the type' }]
}

function twice<T>(all: T[], list: string, keyOf: (one: T) => string, field: string): Fault[] {
  const keys = all.map(keyOf)
  return keys.flatMap((key, at) =>
    keys.indexOf(key) < at ? [{ field: `${list}.${at}.${field}`, message: 'is there twice' }] : [],
  )
}
