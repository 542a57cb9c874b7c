import type { KeyboardEvent } from 'react'

interface Extent {
  last: number
  /** Rows that are seen at once. */
  page: number
}

const MOVES: Record<string, (at: number, extent: Extent) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at, { page }) => at + page,
  PageUp: (at, { page }) => at - page,
  Home: () => 0,
  End: (_at, { last }) => last,
}

/** Where a key leads in a list, undefined when it is none that moves. */
export function moveOf(
  { key, altKey, target }: Pick<KeyboardEvent, 'key' | 'altKey' | 'target'>,
  at: number,
  extent: Extent,
): number | undefined {
  if (altKey || extent.last < 0 || (target as Element).closest('[role=columnheader]')) return undefined
  const to = MOVES[key]?.(at, extent)
  return to === undefined ? undefined : Math.min(extent.last, Math.max(0, to))
}
