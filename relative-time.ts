/** Each with its length and the length of what it is rounded to, in seconds. */
const UNITS = [
  ['year', 31_536_000, 86_400],
  ['month', 2_592_000, 86_400],
  ['day', 86_400, 3600],
  ['hour', 3600, 60],
  ['minute', 60, 1],
] as const
// Made when it is needed: a command that tells no times would start later for it.
let format: Intl.RelativeTimeFormat | undefined

/**
 * "3 minutes ago", in units that are over; "in 3 months", to the nearest. Under a minute is "just now". Both
 * times in milliseconds since the epoch.
 */
export function relativeTime(time: number, now: number): string {
  format ??= new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  const seconds = (time - now) / 1000
  for (const [unit, length, grain] of UNITS) {
    const ahead = Math.round(seconds / grain) * grain
    if (ahead >= length) return format.format(Math.round(ahead / length), unit)
    if (seconds <= -length) return format.format(Math.trunc(seconds / length), unit)
  }
  return 'just now'
}

export const exactTime = (date: Date) => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
