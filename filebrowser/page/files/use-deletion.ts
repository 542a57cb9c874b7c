import { useRef } from 'react'
import { batches } from './batches'
import { type Entry, filesApi } from './files-api'
import type { Say } from './use-toast'
import { describeEntries } from './visible-name'

/**
 * Deleting that can be undone.
 * @param onChanged called whenever something went or came back
 */
export function useDeletion(say: Say, onChanged: () => void) {
  /** What the last deletion put into the trash. */
  const last = useRef<{ ids: string[]; what: string }>()

  async function undo() {
    const undone = last.current
    if (!undone) return
    last.current = undefined
    try {
      for (const id of undone.ids.toReversed()) await filesApi.restore(id)
      say(`Restored ${undone.what}.`)
    } catch (error) {
      say((error as Error).message)
    }
    onChanged()
  }

  async function remove(entries: Entry[]) {
    const ids: string[] = []
    const notices = new Set<string>()
    try {
      for (const group of batches(entries.map(({ path }) => path))) {
        const { id, paths, notice } = await filesApi.moveToTrash(group)
        if (paths.length > 0) ids.push(id)
        if (notice) notices.add(notice)
      }
      const what = describeEntries(entries)
      last.current = ids.length > 0 ? { ids, what } : undefined
      const said = [`Deleted ${what}.`, ...notices].join(' ')
      say(said, last.current && { label: 'Undo', onClick: () => void undo() })
    } catch (error) {
      say((error as Error).message)
    }
    onChanged()
  }

  return { remove, undo }
}
