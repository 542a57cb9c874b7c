/** How far a download was at moments of the last few seconds, oldest first. */
export type Course = readonly { at: number; received: number }[]

const WINDOW_MS = 5000
const SAMPLE_MS = 250

/**
 * @param at milliseconds since the epoch
 * @returns the course with this sample; however often it is called, it stays as short
 */
export function sampled(course: Course, at: number, received: number): Course {
  const last = course.at(-1)
  // Begun anew, or the clock was set: what was measured before says nothing any more.
  if (last && (received < last.received || at < last.at)) return [{ at, received }]
  if (last && at - last.at < SAMPLE_MS) return course
  return [...course.slice(begin(course, at)), { at, received }]
}

/** @returns bytes a second over the last five seconds; null while nothing comes or too little is known */
export function speedOf(course: Course, at: number, received: number): number | null {
  const from = course[begin(course, at)]
  if (!from || at - from.at < SAMPLE_MS || received <= from.received) return null
  return Math.round((received - from.received) / (Math.min(at - from.at, WINDOW_MS) / 1000))
}

/** @returns whole seconds until the rest is there; null when nobody can say */
export function secondsLeft(
  size: number | null,
  received: number,
  bytesPerSecond: number | null,
): number | null {
  if (size === null || !bytesPerSecond) return null
  return Math.ceil(Math.max(0, size - received) / bytesPerSecond)
}

/** The sample with which the window begins: the newest that is older than it, or the first. */
function begin(course: Course, at: number): number {
  const next = course.findIndex((sample) => sample.at > at - WINDOW_MS)
  return Math.max(0, (next === -1 ? course.length : next) - 1)
}
