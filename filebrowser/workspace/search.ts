import type { SearchView } from '../contract'
import { describeEntry } from './describe'
import { walk } from './walk'
import { relativePath, resolveExisting, type Workspace } from './workspace'

const LOOKED_AT_MAX = 300_000
const TIME_MAX_MS = 5000

interface SearchOptions {
  /** Words that all have to be in a name, in any order and case. */
  query: string
  limit: number
  signal: AbortSignal
  /** Milliseconds. */
  now?: () => number
}

/** Looks for names below a folder, until enough are found, or there was enough to look at. */
export async function searchNames(
  workspace: Workspace,
  path: string,
  { query, limit, signal, now = () => performance.now() }: SearchOptions,
): Promise<SearchView> {
  const folder = await resolveExisting(workspace, path)
  const words = fold(query).split(/\s+/).filter(Boolean)
  const results: SearchView['results'] = []
  const end = now() + TIME_MAX_MS
  let lookedAt = 0
  if (words.length === 0) return { results, complete: true }
  for await (const { path: place, dirents } of walk(folder, { signal, onUnreadable: () => {} })) {
    for (const { name } of dirents) {
      if (++lookedAt > LOOKED_AT_MAX || now() > end) return { results, complete: false }
      const folded = fold(name)
      if (!words.every((word) => folded.includes(word))) continue
      if (results.length === limit) return { results, complete: false }
      const entry = await describeEntry(workspace, place, name)
      const where = relativePath(workspace, place)
      if (entry) results.push({ ...entry, path: where ? `${where}/${name}` : name })
    }
  }
  return { results, complete: true }
}

/** The same letters, however they are put together and whatever their case. */
const fold = (text: string) => text.normalize('NFKC').toLowerCase()
