import { setTimeout as pause } from 'node:timers/promises'

/** Below what one user may launch in a minute (`launches` in app/server/limits.ts). */
const LAUNCHES_MAX = 55
const MINUTE_MS = 60_000

/** @returns waits until as many more may be launched, to be called outside of what is timed */
export function launchPace(): (count: number) => Promise<void> {
  const asked: number[] = []
  return async (count) => {
    // The first of those that have to be a minute old by then.
    const oldest = asked.at(count - LAUNCHES_MAX - 1)
    if (asked.length + count > LAUNCHES_MAX && oldest !== undefined)
      await pause(Math.max(0, oldest + MINUTE_MS - Date.now()))
    asked.push(...Array(count).fill(Date.now()))
  }
}
