import type { Timers } from '~/filebrowser/timers'

export interface TestTimers extends Timers {
  /** Lets time go by, and what is due in it happen in its order. */
  advance(ms: number): void
}

/** A clock that stands still until it is told to go on. */
export function testTimers(start = Date.UTC(2026, 0, 1)): TestTimers {
  let now = start
  const due = new Map<object, { at: number; act: () => void }>()
  return {
    now: () => now,
    after(ms, act) {
      const key = {}
      due.set(key, { at: now + ms, act })
      return () => due.delete(key)
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...due].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
        if (!next) break
        due.delete(next[0])
        now = Math.max(now, next[1].at)
        next[1].act()
      }
      now = end
    },
  }
}
