import * as z from 'zod'
import type { NodeOutput, OutputFile, PromptEnd } from './comfyui'
import { content, isPlainName, lastLines, line } from './untrusted-text'

const DETAIL_MAX = 4000
const TEXT_MAX = 100_000
/** Of one node. */
const ITEMS_MAX = 1000

const historyEntry = z.object({
  outputs: z.record(z.string(), z.record(z.string(), z.unknown()).catch({})).catch({}),
  /** Null, or not there, in versions that keep only what went well. */
  status: z
    .object({
      status_str: z.string().catch(''),
      messages: z.array(z.unknown()).catch([]),
    })
    .nullish(),
})

const failure = z
  .object({
    node_id: z.union([z.string(), z.number()]).transform(String),
    node_type: z.string(),
    exception_message: z.string(),
    exception_type: z.string(),
    traceback: z.array(z.string()),
  })
  .partial()

/** How a prompt ended, by its entry in the history; undefined for what is no entry. */
export function readEnd(entry: unknown): PromptEnd | undefined {
  const read = historyEntry.safeParse(entry)
  if (!read.success) return undefined
  const { status, outputs } = read.data
  if (status?.status_str === 'error') return readFailure(status.messages)
  return {
    kind: 'done',
    outputs: new Map(Object.entries(outputs).map(([node, output]) => [node, readOutput(output)])),
  }
}

function readFailure(messages: unknown[]): PromptEnd {
  const said = new Map(
    messages.flatMap((message): [unknown, unknown][] =>
      Array.isArray(message) ? [[message[0], message[1]]] : [],
    ),
  )
  if (said.has('execution_interrupted')) return { kind: 'interrupted' }
  const { node_id, node_type, exception_message, exception_type, traceback } =
    failure.safeParse(said.get('execution_error')).data ?? {}
  return {
    kind: 'failed',
    node: line(node_id, 100) || null,
    nodeClass: line(node_type, 200) || null,
    message: line(exception_message) || line(exception_type) || 'ComfyUI does not say why.',
    detail: lastLines([...(traceback ?? []), exception_type ?? ''].join(''), DETAIL_MAX),
  }
}

const outputFile = z.object({
  filename: z
    .string()
    .min(1)
    .refine((name) => isPlainName(name, 255)),
  subfolder: z
    .string()
    .refine((name) => isPlainName(name, 1000))
    .default(''),
  type: z.enum(['output', 'temp', 'input']).default('output'),
})

/** What a node gives out stands in lists: of files under many names, of texts under `text`. */
function readOutput(output: Record<string, unknown>): NodeOutput {
  const lists = Object.values(output).filter(Array.isArray)
  const files = lists
    .flat()
    .slice(0, ITEMS_MAX)
    .flatMap((item): OutputFile | OutputFile[] => outputFile.safeParse(item).data ?? [])
  const kept = files.filter(({ type }) => type !== 'temp')
  const texts = Object.hasOwn(output, 'text') ? [output.text].flat(2) : []
  return {
    // Previews lie in `temp`; they are what came out only of a node that keeps nothing.
    files: kept.length > 0 ? kept : files,
    texts: texts
      .slice(0, ITEMS_MAX)
      .flatMap((text) => (typeof text === 'string' ? [content(text, TEXT_MAX)] : [])),
  }
}
