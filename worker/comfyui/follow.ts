import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Workflow } from '../../workflows/workflow'
import { RequestError } from '../requests/request-error'
import type { Progress, PromptEnd } from './comfyui'
import { type ComfyEvent, listen } from './events'
import { look } from './find'
import { type Http, unreachable } from './http'
import type { ComfyUiTimings } from './open'
import { progressMeter } from './progress'

/** Of these, the last comes when the end stands in the history; the others a moment before. */
const ENDINGS = ['execution_success', 'execution_error', 'execution_interrupted']

interface Following {
  http: Http
  address: string
  logger: Logger
  timings: ComfyUiTimings
  promptId: string
  workflow: Workflow
  onProgress(progress: Progress): void
}

/** The websocket says how far it is and when to look; what is true stands in the queue and in the history. */
export async function follow(following: Following, signal: AbortSignal): Promise<PromptEnd> {
  const { http, address, logger, timings, promptId, workflow, onProgress } = following
  const take = progressMeter(workflow, onProgress)
  let wake = new AbortController()
  let thrown: { error: unknown } | undefined
  const hear = (event: ComfyEvent) => {
    if (event.data.prompt_id !== promptId) return
    try {
      take(event)
    } catch (error) {
      // Whoever follows is to hear of it, not the socket.
      thrown ??= { error }
    }
    const isEnding = ENDINGS.includes(event.type) || (event.type === 'executing' && event.data.node === null)
    if (thrown || isEnding) wake.abort()
  }
  let listener: ReturnType<typeof listen> | undefined
  let heardOfAt = Date.now()
  let unknownInARow = 0
  try {
    for (;;) {
      if (thrown) throw thrown.error
      // Before looking: what is told from here on asks for another look.
      wake = new AbortController()
      const sight = await look(http, promptId, signal).catch((error) => {
        // A node that keeps ComfyUI busy keeps it from answering, too.
        const waited = Date.now() - heardOfAt
        if (!(error instanceof RequestError) || waited >= timings.silentMs) throw error
        logger.warn({ promptId, reason: error.detail }, 'ComfyUI did not say how a prompt stands')
        return undefined
      })
      if (sight) {
        heardOfAt = Date.now()
        const { state } = sight
        if (state.kind === 'done' || state.kind === 'failed' || state.kind === 'interrupted') return state
        unknownInARow = state.kind === 'unknown' ? unknownInARow + 1 : 0
        if (unknownInARow === 2) throw unreachable('ComfyUI does not know the prompt any more.')
        if (sight.clientId !== undefined && (!listener || listener.isOver()))
          listener = listen(address, sight.clientId, {
            // It may have ended before anything could be heard.
            onOpen: () => wake.abort(),
            onEvent: hear,
          })
      }
      await pause(timings.lookEveryMs, undefined, {
        signal: AbortSignal.any([signal, wake.signal]),
      }).catch(() => signal.throwIfAborted())
    }
  } finally {
    listener?.close()
  }
}
