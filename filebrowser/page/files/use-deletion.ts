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
    try {
      for (const paths of batches(entries.map(({ path }) => path)))
        ids.push((await filesApi.moveToTrash(paths)).id)
      const what = describeEntries(entries)
      last.current = { ids, what }
      say(`Deleted ${what}.`, { label: 'Undo', onClick: () => void undo() })
    } catch (error) {
      say((error as Error).message)
    }
    onChanged()
  }

  return { remove, undo }
}
