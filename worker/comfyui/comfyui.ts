import type { Readable } from 'node:stream'
import type { Workflow } from '../../workflows/workflow'

/** What a machine lacks for a workflow. */
export interface Missing {
  /** Classes of nodes. */
  nodes: string[]
  /** Model files: as the workflow names them, and where a node looks for them. */
  files: { name: string; nodeClass: string; field: string }[]
}

/** A file that ComfyUI wrote, as `/view` finds it. */
export interface OutputFile {
  filename: string
  subfolder: string
  type: string
}

/** What a node gave out. */
export interface NodeOutput {
  files: OutputFile[]
  texts: string[]
}

/** How a prompt ended. */
export type PromptEnd =
  | { kind: 'done'; outputs: Map<string, NodeOutput> }
  | { kind: 'failed'; node: string | null; nodeClass: string | null; message: string; detail: string }
  | { kind: 'interrupted' }

/** Where a prompt stands. `unknown`: ComfyUI never had it, or has restarted since. */
export type PromptState = { kind: 'queued' } | { kind: 'running' } | { kind: 'unknown' } | PromptEnd

export interface Progress {
  /** From 0 to 1, over all nodes. */
  done: number
  /** What a person calls the node that runs; null while none does. */
  node: string | null
}

/**
 * ComfyUI of one machine, by its own HTTP and websocket API. Nothing of what it answers is trusted: answers are
 * bounded in size and time, and redirects are not followed.
 * Every method throws RequestError `comfyui_unreachable` when it doesn't answer, and the signal's reason when it aborts.
 */
export interface ComfyUi {
  /** @throws RequestError `node_failed` when it can't describe a node that it has */
  missing(workflow: Workflow, signal: AbortSignal): Promise<Missing>
  /**
   * Gives it a file to load.
   * @param name a plain file name; what is there under it is replaced
   * @returns what a node's input is set to
   * @throws RequestError `input_unusable` when it doesn't take the file
   */
  upload(
    name: string,
    mediaType: string,
    content: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<string>
  /**
   * Hands over a prompt, once: called again with the same id it would run twice.
   * @param promptId a UUID, which newer versions take as it is
   * @returns the id under which ComfyUI has it, of older versions another
   * @throws RequestError `refused` with what ComfyUI says is wrong; any other means that it may have taken it
   */
  submit(promptId: string, workflow: Workflow, signal: AbortSignal): Promise<string>
  /**
   * Looks for a prompt, also for one that was handed over as `promptId` and got another id.
   * @returns its state, and the id under which ComfyUI has it
   */
  find(promptId: string, signal: AbortSignal): Promise<{ state: PromptState; promptId: string }>
  /** Waits for the end of a prompt. @throws RequestError `comfyui_unreachable` when it is gone or unknown there */
  follow(
    promptId: string,
    workflow: Workflow,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<PromptEnd>
  /** Takes a prompt back: out of the queue, or interrupted if it runs, and never another one. What is gone is fine. */
  cancel(promptId: string, signal: AbortSignal): Promise<void>
  /**
   * @param bytesMax a longer file is an error
   * @throws RequestError `result_too_large`; `no_output` when it doesn't give the file, asked however often
   */
  open(file: OutputFile, bytesMax: number, signal: AbortSignal): Promise<Readable>
}
