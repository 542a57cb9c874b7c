import * as z from 'zod'
import { MODEL_FILE } from '../../workflows/model-files'
import type { Workflow } from '../../workflows/workflow'
import { RequestError } from '../requests/request-error'
import type { Missing } from './comfyui'
import { type Http, unreachable } from './http'
import { line } from './untrusted-text'

const ASKED_AT_ONCE = 4

/** A type and what is said of it: `["INT", {…}]`, `[[choices]]`, or since version 3 `["COMBO", {options: [choices]}]`. */
const field = z.tuple([z.unknown()], z.unknown())
const nodeInfo = z.object({
  input: z.object({
    required: z.record(z.string(), z.unknown()).nullish(),
    optional: z.record(z.string(), z.unknown()).nullish(),
  }),
})
type NodeInfo = z.output<typeof nodeInfo>

/** What a machine must have for a workflow: all that `findMissing` looks at. */
export function needsOf(workflow: Workflow): { classes: string[]; files: Missing['files'] } {
  const nodes = Object.values(workflow)
  const files = new Map<string, Missing['files'][number]>()
  for (const { class_type: nodeClass, inputs } of nodes)
    for (const [name, value] of Object.entries(inputs))
      if (typeof value === 'string' && MODEL_FILE.test(value))
        files.set(JSON.stringify([value, nodeClass, name]), { name: value, nodeClass, field: name })
  return { classes: [...new Set(nodes.map(({ class_type }) => class_type))], files: [...files.values()] }
}

/** Asks what a workflow needs, once for each class of nodes. */
export async function findMissing(http: Http, workflow: Workflow, signal: AbortSignal): Promise<Missing> {
  const { classes, files } = needsOf(workflow)
  const infos = new Map<string, NodeInfo>()
  const left = [...classes]
  const askOn = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const info = await askFor(http, next, signal)
      if (info) infos.set(next, info)
    }
  }
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, askOn))

  const isThere = ({ name, nodeClass, field }: Missing['files'][number]) => {
    const choices = choicesOf(infos.get(nodeClass), field)
    return !choices || choices.some((choice) => slashes(choice) === slashes(name))
  }
  return {
    nodes: classes.filter((each) => !infos.has(each)),
    files: files.filter((file) => !isThere(file)),
  }
}

async function askFor(http: Http, nodeClass: string, signal: AbortSignal): Promise<NodeInfo | undefined> {
  // No class, and an address would go up a folder with it.
  if (nodeClass === '.' || nodeClass === '..') return undefined
  const path = `/object_info/${encodeURIComponent(nodeClass)}`
  const { status, json } = await http.ask({ path, signal })
  if (status >= 400) {
    const why = `${path} answered ${status}.`
    throw new RequestError(
      'node_failed',
      why,
      `ComfyUI can’t describe its node ${line(nodeClass, 100)}: ${line(why)}`,
    )
  }
  const answer = z.record(z.string(), z.unknown()).safeParse(json)
  if (status !== 200 || !answer.success)
    throw unreachable(`${path} answered ${status} without a description.`)
  if (!Object.hasOwn(answer.data, nodeClass)) return undefined
  const info = nodeInfo.safeParse(answer.data[nodeClass])
  // It is there; what can't be read of it is for ComfyUI to check.
  return info.success ? info.data : { input: {} }
}

/** What there is to choose from; undefined when anything may be given. */
function choicesOf(info: NodeInfo | undefined, name: string): string[] | undefined {
  const { required, optional } = info?.input ?? {}
  const holder = [required, optional].find((fields) => fields && Object.hasOwn(fields, name))
  const [type, options] = field.safeParse(holder?.[name]).data ?? []
  const choices =
    type === 'COMBO' ? z.object({ options: z.unknown() }).safeParse(options).data?.options : type
  return Array.isArray(choices) ? choices.filter((choice) => typeof choice === 'string') : undefined
}

/** ComfyUI on Windows names files below folders its own way. */
const slashes = (name: string) => name.replaceAll('\\', '/')
