import * as z from 'zod'
import type { PromptState } from './comfyui'
import { type Http, LONG_ANSWER_BYTES, unreachable } from './http'
import { readEnd } from './outputs'
import { MARK } from './submit'
import { isPlainName } from './untrusted-text'

/** How far back in the history a prompt is looked for by its mark. */
const HISTORY_ITEMS = 32

const extraData = z.looseObject({ client_id: z.string().optional().catch(undefined) }).catch({})
/** `[number, id, workflow, extra data, outputs]` */
const item = z
  .tuple([z.unknown(), z.string().refine((id) => isPlainName(id, 200)), z.unknown(), extraData], z.unknown())
  .transform(([, id, , extra]) => ({ id, clientId: extra.client_id, mark: extra[MARK] }))
type Item = z.output<typeof item>

const items = z
  .array(z.unknown())
  .transform((all) => all.flatMap((each): Item | Item[] => item.safeParse(each).data ?? []))
const queue = z.object({ queue_running: items, queue_pending: items })
const history = z.record(z.string(), z.unknown())
const historyItem = z.object({ prompt: item })

/** What ComfyUI knows of a prompt. */
export interface Sight {
  state: PromptState
  /** Under which it has the prompt. */
  promptId: string
  /** The name under which a websocket hears of it, while it is in the queue. */
  clientId?: string
}

/** Whether a prompt waits or runs. */
export async function lookInQueue(
  http: Http,
  promptId: string,
  signal: AbortSignal,
): Promise<Sight | undefined> {
  const { status, json } = await http.ask({ path: '/queue', bytesMax: LONG_ANSWER_BYTES, signal })
  const read = queue.safeParse(json)
  if (status !== 200 || !read.success) throw unreachable('/queue answered something else than a queue.')
  const isIt = ({ id, mark }: Item) => id === promptId || mark === promptId
  const running = read.data.queue_running.find(isIt)
  const found = running ?? read.data.queue_pending.find(isIt)
  return (
    found && { state: { kind: running ? 'running' : 'queued' }, promptId: found.id, clientId: found.clientId }
  )
}

/** @param promptId the one that ComfyUI has it under */
export async function look(http: Http, promptId: string, signal: AbortSignal): Promise<Sight> {
  // In this order: a prompt that ends in between has come to the history.
  const queued = await lookInQueue(http, promptId, signal)
  if (queued) return queued
  const entries = await readHistory(http, `/${encodeURIComponent(promptId)}`, signal)
  const end = Object.hasOwn(entries, promptId) ? readEnd(entries[promptId]) : undefined
  return { state: end ?? { kind: 'unknown' }, promptId }
}

/** Also what was handed over under another id. */
export async function lookByMark(http: Http, promptId: string, signal: AbortSignal): Promise<Sight> {
  const sight = await look(http, promptId, signal)
  if (sight.state.kind !== 'unknown') return sight
  const entries = await readHistory(http, `?max_items=${HISTORY_ITEMS}`, signal)
  for (const entry of Object.values(entries)) {
    const { prompt } = historyItem.safeParse(entry).data ?? {}
    const end = prompt?.mark === promptId ? readEnd(entry) : undefined
    if (prompt && end) return { state: end, promptId: prompt.id }
  }
  return sight
}

async function readHistory(http: Http, rest: string, signal: AbortSignal) {
  const { status, json } = await http.ask({ path: `/history${rest}`, bytesMax: LONG_ANSWER_BYTES, signal })
  const read = history.safeParse(json)
  if (status !== 200 || !read.success) throw unreachable('/history answered something else than a history.')
  return read.data
}
