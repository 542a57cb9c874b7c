import type { TrashView } from '../../contract'
import type { ApiError } from '../api'
import { batches } from './batches'
import type { Entry, filesApi } from './files-api'
import { restoredSentence } from './restored-sentence'
import type { Say } from './use-toast'
import { describeEntries } from './visible-name'

interface Deletion {
  held: TrashView[]
  what: string
}

interface Deps {
  api: Pick<typeof filesApi, 'moveToTrash' | 'restore'>
  say: Say
  /** Called whenever something went or came back. */
  onChanged: () => void
}

/** Deleting that can be undone, also what of it was done before it failed. */
export class Deletions {
  private last: Deletion | undefined

  constructor(private readonly deps: Deps) {}

  async remove(entries: Entry[]) {
    const { api, say, onChanged } = this.deps
    const held: TrashView[] = []
    const notices = new Set<string>()
    let count = 0
    let fault: string | undefined
    try {
      for (const paths of batches(entries.map(({ path }) => path))) {
        const { notice, ...batch } = await api.moveToTrash(paths)
        // On a full disk some goes for good.
        if (batch.paths.length > 0) held.push(batch)
        if (notice) notices.add(notice)
        count += paths.length
      }
    } catch (error) {
      fault = (error as Error).message
    }
    if (count > 0) {
      const what = describeEntries(entries.slice(0, count))
      this.last = held.length > 0 ? { held, what } : undefined
      const done = fault === undefined ? `Deleted ${what}.` : 'Deleted some of them.'
      say([done, ...notices, ...(fault ? [fault] : [])].join(' '), this.last && this.undoing)
    } else if (fault !== undefined) say(fault)
    onChanged()
  }

  async undo() {
    const { api, say, onChanged } = this.deps
    const { last } = this
    if (!last) return
    this.last = undefined
    const left = [...last.held]
    const before: string[] = []
    const now: string[] = []
    let fault: string | undefined
    for (let next = left.at(-1); next; next = left.at(-1)) {
      try {
        now.push(...(await api.restore(next.id)).paths)
        before.push(...next.paths)
      } catch (error) {
        fault = (error as Error).message
        // What is gone for good, or back already, must not stand before the rest for ever.
        if ((error as ApiError).refusal?.code !== 'not_found') break
      }
      left.pop()
    }
    // Not over what was deleted meanwhile.
    if (left.length > 0) this.last ??= { ...last, held: left }
    if (fault === undefined) say(restoredSentence(last.what, before, now))
    else
      say(
        `${now.length > 0 ? 'Restored some of them. ' : ''}${fault}`,
        left.length > 0 ? this.undoing : undefined,
      )
    onChanged()
  }

  private readonly undoing = { label: 'Undo', onClick: () => void this.undo() }
}
