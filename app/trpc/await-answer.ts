import { setTimeout as pause } from 'node:timers/promises'

const LIMIT_MS = 12_000
const LOOK_EVERY_MS = 150

/**
 * Waits for what another process is about to write down.
 * @returns what `look` found, `undefined` when it found nothing in time or whoever asked has left
 */
export async function awaitAnswer<T>(
  look: () => T | undefined,
  { limitMs = LIMIT_MS, signal }: { limitMs?: number; signal: AbortSignal | undefined },
): Promise<T | undefined> {
  const looks = Math.ceil(limitMs / LOOK_EVERY_MS)
  for (let n = 0; n < looks && !signal?.aborted; n++) {
    const found = look()
    if (found !== undefined) return found
    await pause(LOOK_EVERY_MS)
  }
  return look()
}
