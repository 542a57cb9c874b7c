import { CliError, EXIT } from '../exits'
import { fieldOf, textOf } from '../http/answer'
import { oneLine } from '../output/one-line'

/** How far a request is, as `GET /v1/requests/{id}/status` says. */
export interface Progress {
  state: 'waiting' | 'completed' | 'failed' | 'cancelled'
  /** What people read of it now. */
  text: string
  /** What they are told of again: not every percent. */
  mark: string
}

const STATES = new Map<string, Progress['state']>([
  ['in_queue', 'waiting'],
  ['in_progress', 'waiting'],
  ['completed', 'completed'],
  ['succeeded', 'completed'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
])

/** What is said of a stage that says nothing itself. */
const STAGES = new Map([
  ['checking', 'Checking the machine.'],
  ['downloading', 'Downloading model files.'],
  ['running', 'Running.'],
  ['fetching', 'Fetching the results.'],
])

/** @throws CliError for a state that is not known here: nobody can tell whether it will ever end */
export function progressOf(body: object): Progress {
  const status = textOf(body, 'status') ?? 'nothing'
  const state = STATES.get(status)
  if (!state)
    throw new CliError(
      EXIT.failed,
      `The server says “${oneLine(status).slice(0, 40)}” of the request, which this command doesn’t know. Upgrade it: see docs/cli.md`,
    )
  const stage = textOf(body, 'stage') ?? ''
  const says =
    textOf(body, 'message') ?? (status === 'in_queue' ? 'In the queue.' : (STAGES.get(stage) ?? stage))
  const place = fieldOf(body, 'queue_position')
  const before = typeof place === 'number' && place > 0 ? ` ${place} before it.` : ''
  const share = fieldOf(body, 'progress')
  const isKnown = typeof share === 'number' && share >= 0 && share <= 1
  const text = `${says || status}${before}`
  return {
    state,
    text: `${text}${isKnown ? ` ${Math.floor(share * 100)} %` : ''}`,
    mark: `${text}${isKnown ? Math.floor(share * 10) : ''}`,
  }
}
