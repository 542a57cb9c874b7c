import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ApiError } from '../api'
import { type Entry, filesApi } from './files-api'
import type { Listing } from './listing'

/** After the last key, before the machine is asked. */
const TYPING_MS = 250

interface Found {
  path: string
  query: string
  results: Entry[]
  complete: boolean
  error?: ApiError
}

/** What is called so below a folder; undefined while nothing is searched for. */
export function useSearch(path: string, query: string): (Listing & { complete: boolean }) | undefined {
  const [found, setFound] = useState<Found>()
  const [round, setRound] = useState(0)
  const refresh = useCallback(() => setRound((before) => before + 1), [])
  const wanted = query.trim()

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is the reason to ask again
  useEffect(() => {
    if (!wanted) return setFound(undefined)
    const controller = new AbortController()
    const timer = setTimeout(() => {
      const keep = (outcome: Omit<Found, 'path' | 'query'>) =>
        !controller.signal.aborted && setFound({ path, query: wanted, ...outcome })
      filesApi
        .search(path, wanted, controller.signal)
        .then(keep, (error: ApiError) => keep({ results: [], complete: true, error }))
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [path, wanted, round])

  return useMemo(() => {
    if (!wanted) return undefined
    // What was found for the letters before stays until there is something new; not that of another folder.
    const shown = found?.path === path ? found : undefined
    return {
      total: shown?.results.length,
      space: undefined,
      error: shown?.error,
      complete: shown?.complete ?? true,
      at: (index) => shown?.results[index],
      want: () => {},
      range: async (first, last) => shown?.results.slice(first, last + 1) ?? [],
      refresh,
    }
  }, [wanted, path, found, refresh])
}
