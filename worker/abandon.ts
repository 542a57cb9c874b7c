import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

/** How long work may take to give up once it was told to. */
const GIVE_UP_LIMIT_MS = 30_000

/**
 * Waits for work that ends soon after its signal aborts, and no longer for work that doesn't: it would hold
 * its worker's place, and a machine that is to be stopped, for ever.
 * @throws what the work throws, or else the signal's reason
 */
export async function untilAbandoned<T>(
  work: Promise<T>,
  signal: AbortSignal,
  limitMs = GIVE_UP_LIMIT_MS,
): Promise<T> {
  const done = new AbortController()
  const abandoned = async () => {
    if (!signal.aborted) await once(signal, 'abort', { signal: done.signal })
    await pause(limitMs, undefined, { signal: done.signal })
    throw signal.reason
  }
  // What comes too late is nobody's failure.
  work.catch(() => undefined)
  const limit = abandoned()
  limit.catch(() => undefined)
  try {
    return await Promise.race([work, limit])
  } finally {
    done.abort()
  }
}
