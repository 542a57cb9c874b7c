import { once } from 'node:events'
import type { ChangeFeed } from '../../db/change-feed'

/**
 * Yields at once, and then after each change of what is theirs and `isAbout` takes, until the signal
 * aborts. Changes that come while the consumer is busy are one wake-up.
 * @param byAny whether, just then, changes of anybody's are to wake as well
 * @param byItself after how long, just then, it wakes though nothing has changed; undefined is never
 */
export async function* wakeups(
  changes: ChangeFeed,
  userId: string,
  isAbout: (subjectId: string) => boolean,
  signal: AbortSignal | undefined,
  byAny: () => boolean = () => false,
  byItself: () => number | undefined = () => undefined,
): AsyncGenerator<void> {
  const bell = new EventTarget()
  let changed = true
  const ring = () => {
    changed = true
    bell.dispatchEvent(new Event('change'))
  }
  const stop = changes.onChange(userId, (id) => {
    if (isAbout(id)) ring()
  })
  const stopAny = changes.onAnyChange(() => {
    if (byAny()) ring()
  })
  let timer: NodeJS.Timeout | undefined
  try {
    while (!signal?.aborted) {
      if (!changed) {
        const afterMs = byItself()
        timer = afterMs === undefined ? undefined : setTimeout(ring, afterMs)
        await once(bell, 'change', { signal })
        clearTimeout(timer)
      }
      changed = false
      yield
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    clearTimeout(timer)
    stop()
    stopAny()
  }
}
