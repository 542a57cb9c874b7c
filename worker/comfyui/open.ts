import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { cancel } from './cancel'
import type { ComfyUi } from './comfyui'
import { openFile, upload } from './files'
import { lookByMark } from './find'
import { follow } from './follow'
import { openHttp } from './http'
import { findMissing } from './missing'
import { submit } from './submit'

export interface ComfyUiTimings {
  /** How long an answer may take: while a node runs, ComfyUI may be slow to give one. */
  callMs: number
  /** How often to look at a prompt of which nothing is heard. */
  lookEveryMs: number
  /** How long ComfyUI may say nothing while a prompt is followed. */
  silentMs: number
  /** After how long to look for a prompt once more: it may have been on its way. */
  againMs: number
}

const TIMINGS: ComfyUiTimings = { callMs: 30_000, lookEveryMs: 2000, silentMs: 60_000, againMs: 1000 }

interface Options {
  /** Where a machine's ComfyUI listens, such as `http://127.0.0.1:8188`. */
  address: string
  logger: Logger
  timings?: ComfyUiTimings
}

/** ComfyUI of one machine. It holds nothing, so that nothing has to be closed. */
export function openComfyUi({ address, logger, timings = TIMINGS }: Options): ComfyUi {
  const http = openHttp(address, timings.callMs)
  return {
    missing: (workflow, signal) => findMissing(http, workflow, signal),
    upload: (name, mediaType, content, signal) => upload(http, { name, mediaType, content }, signal),
    submit: (promptId, workflow, signal) => submit(http, promptId, workflow, signal),
    async find(promptId, signal) {
      const { state, promptId: id } = await lookByMark(http, promptId, signal)
      if (state.kind !== 'unknown') return { state, promptId: id }
      await pause(timings.againMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      const again = await lookByMark(http, promptId, signal)
      return { state: again.state, promptId: again.promptId }
    },
    follow: (promptId, workflow, onProgress, signal) =>
      follow({ http, address, logger, timings, promptId, workflow, onProgress }, signal),
    cancel: (promptId, signal) => cancel(http, promptId, signal),
    open: (file, bytesMax, signal) => openFile(http, file, bytesMax, signal),
  }
}
