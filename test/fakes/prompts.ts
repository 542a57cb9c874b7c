import type { ComfyUi, NodeOutput, PromptEnd, PromptState } from '~/worker/comfyui/comfyui'
import { RequestError } from '~/worker/requests/request-error'
import type { RequestTools } from '~/worker/requests/tools'

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })

const DONE: PromptEnd = { kind: 'done', outputs: new Map<string, NodeOutput>() }

/** ComfyUI of every machine of a test, as a list of prompts; it does what the switches say. */
export class Prompts {
  readonly submitted: { promptId: string; address: string; text: unknown }[] = []
  readonly cancelled: string[] = []
  readonly states = new Map<string, PromptState>()
  missing = { nodes: [] as string[], files: [] as { name: string; nodeClass: string; field: string }[] }
  /** What `find`, `follow`, `cancel` and `missing` answer with instead, while there is any. */
  unreachable = 0
  /** The tool that waits until it is told to end. */
  stuck: 'missing' | 'submit' | 'follow' | 'cancel' | 'inputs' | 'models' | 'results' | undefined
  /** What submitting answers with, after the prompt was taken or not. */
  onSubmit: (promptId: string) => void = () => undefined
  end: PromptEnd = DONE
  /** Lets what is stuck go on, or fail as its machine is gone. */
  release: () => void = () => undefined
  fail: () => void = () => undefined
  readonly seen: string[] = []
  /** Of the request that came as far as its inputs last. */
  held: AbortSignal | undefined

  private async reach(what: NonNullable<Prompts['stuck']>, signal: AbortSignal): Promise<void> {
    this.seen.push(what)
    signal.throwIfAborted()
    if (this.unreachable > 0) {
      this.unreachable--
      throw new RequestError('comfyui_unreachable', 'as the test wants it')
    }
    if (this.stuck !== what) return
    const released = new Promise<void>((resolve, reject) => {
      this.release = resolve
      this.fail = () => reject(new RequestError('comfyui_unreachable', 'gone'))
    })
    await Promise.race([released, untilAborted(signal)])
  }

  readonly tools: RequestTools = {
    openComfyUi: ({ address }) => this.at(address),
    bringModelFiles: async (_deps, _given, report, signal) => {
      report(0.5, 'Downloading one.safetensors.')
      await this.reach('models', signal)
    },
    bringInputs: async (_deps, _comfyui, { inputs }, _definition, signal) => {
      this.held = signal
      await this.reach('inputs', signal)
      return inputs
    },
    fetchResults: async (_deps, _comfyui, _request, _definition, _outputs, { signal }) => {
      await this.reach('results', signal)
      const file = { position: 0, output: 'image', name: 'a.png', mediaType: 'image/png', bytes: 3 }
      return { files: [file], texts: { caption: ['a cat'] } }
    },
  }

  private at(address: string): ComfyUi {
    return {
      missing: async (_workflow, signal) => {
        await this.reach('missing', signal)
        return this.missing
      },
      upload: async (name) => name,
      submit: async (promptId, workflow, signal) => {
        await this.reach('submit', signal)
        this.onSubmit(promptId)
        this.submitted.push({ promptId, address, text: workflow.one?.inputs.text })
        this.states.set(promptId, { kind: 'running' })
        return promptId
      },
      find: async (promptId, signal) => {
        await this.reach('missing', signal)
        return { promptId, state: this.states.get(promptId) ?? { kind: 'unknown' } }
      },
      follow: async (promptId, _workflow, onProgress, signal) => {
        onProgress({ done: 0.25, node: 'Sampler' })
        await this.reach('follow', signal)
        if (!this.states.has(promptId)) throw new RequestError('comfyui_unreachable', 'unknown there')
        this.states.set(promptId, this.end)
        return this.end
      },
      cancel: async (promptId, signal) => {
        await this.reach('cancel', signal)
        this.cancelled.push(promptId)
        this.states.delete(promptId)
      },
      open: async () => {
        throw new Error('No test opens files.')
      },
    }
  }
}
