import type { Usage } from './query'

/** Most read the first few; the file has them all. */
const ROWS_MAX = 20

/** What a page shows of it. */
export function usageAnswer(usage: Usage) {
  const rows = usage.rows.slice(0, ROWS_MAX)
  return { ...usage, rows, left: usage.rows.length - rows.length }
}
