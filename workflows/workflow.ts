import * as z from 'zod'
import { countOf } from './counted'
import { HOLDS_TOKEN, isWithToken } from './tokens'

const NODES_MAX = 2000
/** Of all nodes together. */
const INPUTS_MAX = 10_000
/** What lies deeper can't be written down again. */
const LEVELS_MAX = 100
/** It is said again with each input of its node. */
const TITLE_MAX = 200

const NO_API_FORMAT =
  'This is no workflow in ComfyUI’s API format. In ComfyUI choose “Export (API)” in the Workflow menu and take that file.'

const refusing = (message: string) => ({ message, abort: true })

const node = z.looseObject(
  {
    class_type: z.string(NO_API_FORMAT).min(1, NO_API_FORMAT).max(200),
    inputs: z.record(z.string(), z.unknown(), NO_API_FORMAT).default({}),
  },
  NO_API_FORMAT,
)

/** A node of a workflow in ComfyUI's API format. An input is a value, or a link: `[node id, number of its output]`. */
export type WorkflowNode = z.output<typeof node>
/** A workflow in ComfyUI's API format: its nodes by id. */
export type Workflow = Record<string, WorkflowNode>

/** Parsed JSON as somebody uploads it; refuses the editor's own format, which ComfyUI's API doesn't take. */
export const workflowSchema = z
  .custom<Record<string, z.input<typeof node>>>()
  // Before each node is looked at: what is too much would have a fault for each.
  .refine((nodes) => countOf(nodes) <= NODES_MAX, refusing(`It has more than ${NODES_MAX} nodes.`))
  .refine((nodes) => countInputs(nodes) <= INPUTS_MAX, refusing(`It has more than ${INPUTS_MAX} inputs.`))
  .refine(
    (nodes) => isWithin(nodes, LEVELS_MAX),
    refusing(`It is nested more than ${LEVELS_MAX} levels deep.`),
  )
  // Nor does a token get into a fault of what is looked at next.
  .superRefine((nodes, ctx) => {
    for (const path of tokensIn(nodes))
      ctx.addIssue({ code: 'custom', path, message: HOLDS_TOKEN, continue: false })
  })
  .pipe(
    z
      .record(z.string().regex(/^[\w:.-]{1,100}$/), node, { error: NO_API_FORMAT })
      .refine((nodes) => Object.keys(nodes).length > 0, NO_API_FORMAT),
  )

/** Where tokens lie: the input of a node as closely as its names can be said again. */
function tokensIn(nodes: unknown): string[][] {
  return Object.entries(Object(nodes)).flatMap(([id, node]) => {
    if (!isWithToken({ [id]: node })) return []
    if (isWithToken(id)) return [[]]
    const fields = Object.entries(Object(Object(node).inputs))
      .filter(([field, value]) => !isWithToken(field) && isWithToken(value))
      .map(([field]) => [id, 'inputs', field])
    return fields.length ? fields : [[id]]
  })
}

const countInputs = (nodes: unknown): number =>
  Object.values(Object(nodes)).reduce<number>((sum, node) => sum + countOf(Object(node).inputs), 0)

const isWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isWithin(inner, levels - 1)))

export const isLink = (value: unknown): value is [string, number] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1])

/** What a person calls a node: its title in the editor, else its class. */
export function nodeTitle(node: WorkflowNode): string {
  const meta = node._meta as { title?: unknown } | undefined
  const title = typeof meta?.title === 'string' ? meta.title.trim().slice(0, TITLE_MAX) : ''
  return title || node.class_type
}
