import { once } from 'node:events'
import type { MachineChanges } from '../../db/machine-changes'

/**
 * Yields at once, and then after each change of the user's machine (or any of them), until the signal
 * aborts. Changes that come while the consumer is busy are one wake-up.
 * @param byAny whether, just then, changes of anybody's machines are to wake as well
 */
export async function* wakeups(
  changes: MachineChanges,
  userId: string,
  machineId: string | undefined,
  signal: AbortSignal | undefined,
  byAny: () => boolean,
): AsyncGenerator<void> {
  const bell = new EventTarget()
  let changed = true
  const ring = () => {
    changed = true
    bell.dispatchEvent(new Event('change'))
  }
  const stop = changes.onChange(userId, (id) => {
    if (machineId === undefined || id === machineId) ring()
  })
  const stopAny = changes.onAnyChange(() => {
    if (byAny()) ring()
  })
  try {
    while (!signal?.aborted) {
      if (!changed) await once(bell, 'change', { signal })
      changed = false
      yield
    }
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    stop()
    stopAny()
  }
}
