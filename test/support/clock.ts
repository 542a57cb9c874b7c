import type { Clock } from '~/db/open'

export interface TestClock extends Clock {
  advance(ms: number): void
}

/** A clock that stands still until it is told to go on. */
export function testClock(start = Date.UTC(2026, 0, 1)): TestClock {
  let now = start
  return Object.assign(() => now, {
    advance(ms: number) {
      now += ms
    },
  })
}
