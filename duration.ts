const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** A length of time for people, in its two largest units: "0.4 s", "12 s", "3 min 5 s", "2 h", "3 d 4 h". */
export function inWords(ms: number): string {
  if (ms < 9950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`
  let seconds = Math.round(ms / 1000)
  const largest = UNITS.findIndex(([, length]) => seconds >= length)
  const parts: string[] = []
  for (const [unit, length] of UNITS.slice(largest, largest + 2)) {
    const count = Math.floor(seconds / length)
    if (count) parts.push(`${count} ${unit}`)
    seconds -= count * length
  }
  return parts.join(' ')
}

/** The same where seconds don't matter. */
export const inMinutes = (ms: number): string =>
  ms < 60_000 ? 'under a minute' : inWords(Math.floor(ms / 60_000) * 60_000)
