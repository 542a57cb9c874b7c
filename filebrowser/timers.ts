/** The clock, and what happens later by it; tests have one that they turn themselves. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Once, after so many milliseconds; keeps no process alive.
   * @returns a function that takes it back
   */
  after(ms: number, act: () => void): () => void
}

/** What `setTimeout` can count; longer ones end at once there. */
const LONGEST_MS = 2 ** 31 - 1

export const systemTimers: Timers = {
  now: Date.now,
  after(ms, act) {
    const timer = setTimeout(act, Math.min(ms, LONGEST_MS)).unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves after so many milliseconds; rejects when the signal says so. */
export const sleeper =
  ({ after }: Pick<Timers, 'after'>) =>
  (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const onAbort = () => {
        takeBack()
        reject(signal.reason)
      }
      const takeBack = after(ms, () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
      signal.addEventListener('abort', onAbort, { once: true })
    })
