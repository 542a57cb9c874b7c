import type {
  DeletionView,
  EntrySort,
  EntryView,
  FolderView,
  PreviewView,
  SearchView,
  TaskView,
  TrashView,
} from '../../contract'
import { call } from '../api'

/** An entry of a folder or a search, with the whole path that names it. */
export type Entry = EntryView & { path: string }

export interface Order {
  sort: EntrySort
  order: 'asc' | 'desc'
}

export interface Span {
  offset: number
  limit: number
}

const params = (values: Record<string, string | number>) =>
  new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)]))

export const filesApi = {
  list: (path: string, { sort, order }: Order, { offset, limit }: Span, signal?: AbortSignal) =>
    call<FolderView>('GET', `files?${params({ path, sort, order, offset, limit })}`, undefined, signal),
  search: (path: string, query: string, signal: AbortSignal) =>
    call<SearchView>('GET', `search?${params({ path, query, limit: 500 })}`, undefined, signal),
  createFolder: (path: string) => call<void>('POST', 'folders', { path }),
  rename: (from: string, to: string) => call<void>('POST', 'move', { from, to }),
  preview: (path: string, signal: AbortSignal) =>
    call<PreviewView>('GET', `preview?${params({ path })}`, undefined, signal),

  startTask: (kind: TaskView['kind'], paths: string[], folder: string) =>
    call<TaskView>('POST', 'tasks', { kind, paths, folder }),
  tasks: () => call<TaskView[]>('GET', 'tasks'),
  cancelTask: (id: string) => call<void>('DELETE', `tasks/${id}`),

  trash: () => call<TrashView[]>('GET', 'trash'),
  moveToTrash: (paths: string[]) => call<DeletionView>('POST', 'trash', { paths }),
  /** @returns where it is now */
  restore: (id: string) => call<{ paths: string[] }>('POST', `trash/${id}/restore`),
  purge: (id: string) => call<void>('DELETE', `trash/${id}`),
  purgeAll: () => call<void>('DELETE', 'trash'),
}

/** Where the content of a file is shown from; the server sends only what can do no harm that way. */
export const inlineHref = (path: string) => `api/file?${params({ path, inline: 1 })}`

const fileHref = (path: string) => `api/file?${params({ path })}`

const archiveHref = (paths: string[]) =>
  `api/archive?${new URLSearchParams(paths.map((path) => ['path', path]))}`

/** What a server still takes as one address. */
const ADDRESS_MAX = 12_000

/**
 * Where entries are downloaded from: one file as it is, everything else as a zip.
 * @returns undefined when they are too many to be named in one address
 */
export function downloadHref(entries: readonly Entry[]): string | undefined {
  const [first] = entries
  if (entries.length === 1 && first?.kind === 'file') return fileHref(first.path)
  const href = archiveHref(entries.map(({ path }) => path))
  return href.length > ADDRESS_MAX ? undefined : href
}
