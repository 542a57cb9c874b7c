import { useCallback, useEffect, useRef, useState } from 'react'
import type { Entry } from './files-api'
import type { Listing } from './listing'

const NONE: ReadonlyMap<string, Entry> = new Map()

export interface Selection {
  entries: ReadonlyMap<string, Entry>
  /** Whether entries are on their way that were not in sight when they were selected. */
  isComing: boolean
  /** Where the keyboard is. */
  active: number
  setActive(index: number): void
  /** Alone, in place of what was selected. */
  only(index: number): void
  toggle(index: number): void
  /** From where the last one was selected to here. */
  extendTo(index: number): Promise<void>
  all(): Promise<void>
  clear(): void
}

/**
 * What is selected in a list, by path, so that it stays while the list changes round it.
 * @param key another list begins with nothing selected
 */
export function useSelection(key: string, listing: Listing): Selection {
  const [entries, setEntries] = useState(NONE)
  const [active, setActive] = useState(0)
  const [anchor, setAnchor] = useState(0)
  const [isComing, setComing] = useState(false)
  /** Counts what was asked for; of two answers only that to the later question counts. */
  const round = useRef(0)
  const { total = 0 } = listing

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what stands for another list
  useEffect(() => {
    put([])
    setActive(0)
    setAnchor(0)
  }, [key])

  const put = useCallback((found: Entry[]) => {
    round.current += 1
    setComing(false)
    setEntries(found.length === 0 ? NONE : new Map(found.map((entry) => [entry.path, entry])))
  }, [])
  async function fetch(first: number, last: number) {
    round.current += 1
    const mine = round.current
    setComing(true)
    const found = await listing.range(first, last).catch(() => [])
    if (mine === round.current) put(found)
  }
  const settle = (index: number) => {
    setActive(index)
    setAnchor(index)
  }

  return {
    entries,
    isComing,
    active: Math.min(active, Math.max(0, total - 1)),
    setActive,
    only(index) {
      const entry = listing.at(index)
      settle(index)
      if (entry) put([entry])
    },
    toggle(index) {
      const entry = listing.at(index)
      settle(index)
      if (!entry) return
      setEntries((before) => {
        const next = new Map(before)
        if (!next.delete(entry.path)) next.set(entry.path, entry)
        return next
      })
    },
    extendTo(index) {
      setActive(index)
      return fetch(Math.min(anchor, index), Math.max(anchor, index))
    },
    all: () => fetch(0, total - 1),
    clear: () => put([]),
  }
}
