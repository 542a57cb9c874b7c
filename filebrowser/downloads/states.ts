import type { DownloadAction, DownloadState } from '../contract'
import { Refusal } from '../refusal'

/** Of those, one reads from the source or the disk right now. */
const RUNNING = ['checking', 'verifying', 'downloading'] as const satisfies DownloadState[]
type Running = (typeof RUNNING)[number]

const ENDED = ['done', 'failed', 'canceled'] as const satisfies DownloadState[]

const whileRunning = [...RUNNING, 'queued', 'waiting', 'paused', 'done', 'failed', 'canceled'] as const

/**
 * Which state may follow which. `done` may follow on whatever was asked for while the last bytes were on their way: the
 * file is there all the same.
 */
const MOVES: Record<DownloadState, readonly DownloadState[]> = {
  queued: ['checking', 'paused', 'canceled', 'done', 'failed'],
  checking: whileRunning,
  verifying: whileRunning,
  downloading: whileRunning,
  waiting: ['queued', 'paused', 'canceled'],
  paused: ['queued', 'canceled', 'done'],
  canceled: ['queued', 'done'],
  failed: ['queued'],
  done: [],
}

/** What a person or a script may ask for, from where it leads where; without a `to` it leaves the list. */
const ACTIONS: Record<DownloadAction, { from: readonly DownloadState[]; to?: DownloadState; cure: string }> =
  {
    pause: {
      from: ['queued', 'waiting', ...RUNNING],
      to: 'paused',
      cure: 'Only what has not ended can be paused.',
    },
    resume: {
      from: ['paused', 'waiting'],
      to: 'queued',
      cure: 'Only what is paused or waits can be resumed.',
    },
    cancel: {
      from: ['queued', 'waiting', 'paused', ...RUNNING],
      to: 'canceled',
      cure: 'Only what has not ended can be canceled; remove it from the list instead.',
    },
    retry: {
      from: ['failed', 'canceled'],
      to: 'queued',
      cure: 'Only what failed or was canceled can be tried again.',
    },
    remove: {
      from: ENDED,
      cure: 'Only what has ended can be removed from the list; cancel it first.',
    },
  }

const WORDS: Record<DownloadState, string> = {
  queued: 'is in the queue',
  checking: 'is running',
  verifying: 'is running',
  downloading: 'is running',
  waiting: 'waits to begin again',
  paused: 'is paused',
  done: 'is done',
  failed: 'has failed',
  canceled: 'was canceled',
}

export const isRunning = (state: DownloadState): state is Running => RUNNING.some((each) => each === state)
export const hasEnded = (state: DownloadState): boolean => ENDED.some((each) => each === state)
export const mayFollow = (from: DownloadState, to: DownloadState): boolean => MOVES[from].includes(to)
export const isAllowed = (action: DownloadAction, from: DownloadState): boolean =>
  ACTIONS[action].from.includes(from)

/**
 * @returns the state that an action leads to; `undefined` takes the download off the list
 * @throws Refusal `wrong_state`
 */
export function stateAfter(action: DownloadAction, from: DownloadState): DownloadState | undefined {
  const { to, cure } = ACTIONS[action]
  if (!isAllowed(action, from)) throw new Refusal('wrong_state', `This download ${WORDS[from]}. ${cure}`)
  return to
}
