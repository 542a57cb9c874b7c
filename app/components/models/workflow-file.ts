import type { Workflow } from '../../../workflows/workflow'

/** The server takes 4 MiB, and what the author says comes with it. */
const BYTES_MAX = 3.5 * 1024 ** 2

const CURE = 'In ComfyUI choose “Export (API)” in the Workflow menu and take that file.'

/**
 * What somebody chose or pasted, as far as a browser can tell: the server says whether it is a workflow.
 * @returns the parsed JSON, or why it is none
 */
export function workflowIn(text: string): { workflow: Workflow; fault?: never } | { fault: string } {
  let workflow: unknown
  try {
    workflow = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return { fault: `This is no JSON. ${CURE}` }
  }
  if (new Blob([JSON.stringify(workflow)]).size > BYTES_MAX)
    return { fault: 'This workflow is larger than 3.5 MiB. Take pictures and other data out of its nodes.' }
  return { workflow: workflow as Workflow }
}
