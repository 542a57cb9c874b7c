import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { filesApi, type Order } from './files-api'
import { FolderPages } from './folder-pages'
import type { Listing } from './listing'

/**
 * The entries of a folder, as far as they have been in sight.
 * @param version asked for again when it changes
 */
export function useFolder(path: string, { sort, order }: Order, version = 0): Listing {
  const pages = useMemo(
    () => new FolderPages((span, signal) => filesApi.list(path, { sort, order }, span, signal)),
    [path, sort, order],
  )
  useEffect(() => () => pages.close(), [pages])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is the reason to ask again
  useEffect(() => pages.refresh(), [pages, version])
  return useSyncExternalStore(pages.subscribe, pages.read)
}
