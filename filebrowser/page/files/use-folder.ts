import { useCallback, useEffect, useState } from 'react'
import type { EntryView } from '../../contract'
import { type ApiError, api } from '../api'

interface FolderState {
  path: string
  entries?: EntryView[]
  error?: ApiError
}

/** The entries of a folder; `refresh` asks again without emptying the list. */
export function useFolder(path: string, version = 0) {
  const [state, setState] = useState<FolderState>({ path })
  const refresh = useCallback(() => {
    const apply = (next: FolderState) => setState((shown) => (next.path === path ? next : shown))
    return api.list(path).then(
      ({ entries }) => apply({ path, entries }),
      (error: ApiError) => apply({ path, error }),
    )
  }, [path])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is a reason to ask again
  useEffect(() => {
    let current = true
    api.list(path).then(
      ({ entries }) => current && setState({ path, entries }),
      (error: ApiError) => current && setState({ path, error }),
    )
    return () => {
      current = false
    }
  }, [path, version])
  // What is in state may still be the folder before.
  return { ...(state.path === path ? state : { path }), refresh }
}
