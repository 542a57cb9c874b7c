const MINUTE_MS = 60_000

/** When everything in the pictures happens: they change when pages do, not with the day. */
export const NOW = Date.UTC(2026, 0, 15, 14, 30)

/** @returns so many minutes before it */
export const minutesAgo = (minutes: number) => NOW - minutes * MINUTE_MS
export const hours = (count: number) => count * 60
export const days = (count: number) => hours(24 * count)
