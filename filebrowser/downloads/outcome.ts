import { scrub } from '~/scrub'
import type { RefusalView } from '../contract'
import { Refusal, toRefusal } from '../refusal'
import type { Transferred } from '../transfers/contract'
import type { Limit } from './holds'

const PAUSE_MS = 30_000
/**
 * How long what may be over in a moment is waited for, after all that the transfer tried itself: an outage of the
 * network of half an hour should not fail a whole queue.
 */
const OUTAGE_PAUSES_MS = [0.5, 1, 2, 5, 10, 15].map((minutes) => minutes * 60_000)
/** How often a short pause may help otherwise: with an upload that writes to the very same file. */
const TRIES_MAX: Record<string, number | undefined> = { network: 1, busy: 10 }
/** Who is told to come back later than this is not kept waiting. */
const WAIT_MAX_SECONDS = 15 * 60
const WAITS_MAX = 10
/** How long a source is left alone that says no more than that it is too much. */
const UNTOLD_SECONDS = 15 * 60

/** How a transfer ended: with the file, with a time to begin again, or for good. */
export type Outcome =
  | { kind: 'done'; transferred: Transferred }
  | { kind: 'again'; at: number; error: RefusalView; limit?: Limit }
  | { kind: 'failed'; error: RefusalView; limit?: Limit }

interface Circumstances {
  /** How often it has begun again by itself since bytes came last. */
  tries: number
  now: number
  secrets: string[]
  /** Told of what nobody foresaw. */
  onFault: (error: unknown) => void
}

export function outcomeOf(error: unknown, { tries, now, secrets, onFault }: Circumstances): Outcome {
  const refusal = toRefusal(error)
  if (!refusal) onFault(error)
  const { code, message, link } =
    refusal ?? new Refusal('internal', 'Something unforeseen went wrong. Try again.')
  const view: RefusalView = { code, message: scrub(message, secrets), ...(link && { link }) }

  const isLimited = code === 'rate_limited'
  const seconds = refusal?.retryAfterSeconds
  if (seconds !== undefined) {
    const at = now + seconds * 1000
    const isLong = seconds > WAIT_MAX_SECONDS
    if (!isLong && tries < WAITS_MAX)
      return { kind: 'again', at, error: view, ...(isLimited && { limit: { until: at } }) }
    const error = { ...view, message: `${view.message} It opens again at ${inUtc(at)}.` }
    const limit = { until: at, ...(isLong && { error }) }
    return { kind: 'failed', error, ...(isLimited && { limit }) }
  }
  if (isLimited)
    return { kind: 'failed', error: view, limit: { until: now + UNTOLD_SECONDS * 1000, error: view } }
  const outage = refusal?.transient ? OUTAGE_PAUSES_MS[tries] : undefined
  const pause = outage ?? (tries < (TRIES_MAX[code] ?? 0) ? PAUSE_MS : undefined)
  if (pause !== undefined) return { kind: 'again', at: now + pause, error: view }
  return { kind: 'failed', error: view }
}

const inUtc = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
