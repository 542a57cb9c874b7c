import * as z from 'zod'
import { nodeTitle, type Workflow } from '../../workflows/workflow'
import { RequestError } from '../requests/request-error'
import { type Http, unreachable } from './http'
import { isPlainName, line } from './untrusted-text'

const FAULTS_MAX = 10

/** Marks prompts with the id that they were handed over with: older versions give them another. */
export const MARK = 'slipway_prompt'

const accepted = z.object({ prompt_id: z.string().refine((id) => isPlainName(id, 200)) })

/** Once: whatever goes wrong on the way, it is not sent again. */
export async function submit(
  http: Http,
  promptId: string,
  workflow: Workflow,
  signal: AbortSignal,
): Promise<string> {
  const json = {
    prompt: workflow,
    prompt_id: promptId,
    client_id: promptId,
    extra_data: { [MARK]: promptId },
  }
  const answer = await http.askOnce({ path: '/prompt', body: { json }, signal })
  if (answer.status >= 400 && answer.status < 500) throw refusal(answer.status, answer.json, workflow)
  const taken = accepted.safeParse(answer.json)
  if (answer.status === 200 && taken.success) return taken.data.prompt_id
  throw unreachable(`/prompt answered ${answer.status} without an id.`)
}

const fault = z.object({ message: z.unknown(), details: z.unknown(), extra_info: z.unknown() }).partial()
const refused = z
  .object({
    error: z.union([z.string().transform((message) => ({ message, details: '' })), fault]),
    // Older versions say that there are none with a list.
    node_errors: z
      .record(z.string(), z.object({ class_type: z.unknown(), errors: z.array(fault) }).partial())
      .catch({}),
  })
  .partial()

function refusal(status: number, json: unknown, workflow: Workflow): RequestError {
  const { error, node_errors = {} } = refused.safeParse(json).data ?? {}
  const faults = Object.entries(node_errors).flatMap(([id, { class_type, errors = [] }]) =>
    errors.map((each) => `${nameOf(id, class_type, workflow)}: ${wording(each)}`),
  )
  const shown = faults.slice(0, FAULTS_MAX)
  if (faults.length > FAULTS_MAX) shown.push(`and ${faults.length - FAULTS_MAX} more`)
  if (shown.length === 0) shown.push((error && wording(error)) || `It answered ${status}.`)
  const said = shown.join('\n')
  return new RequestError('refused', said, `ComfyUI refused the workflow:\n${said}`)
}

function nameOf(id: string, nodeClass: unknown, workflow: Workflow): string {
  const node = Object.hasOwn(workflow, id) ? workflow[id] : undefined
  return line((node && nodeTitle(node)) || nodeClass, 80) || `node ${line(id, 40)}`
}

/** ComfyUI names the input in the details; custom checks say it elsewhere, or not at all. */
function wording({ message, details }: z.output<typeof fault>): string {
  return [line(message, 120), line(details, 200)].filter(Boolean).join(': ')
}
