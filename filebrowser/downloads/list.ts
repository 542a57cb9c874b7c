import type { DownloadState, DownloadView } from '../contract'
import type { Timers } from '../timers'
import { removePart } from '../workspace/parts'
import type { Workspace } from '../workspace/workspace'
import { type Entry, newEntry, viewOf } from './entry'
import { Feed } from './feed'
import type { DownloadRecord } from './record'
import { hasEnded, mayFollow } from './states'
import type { DownloadStore } from './store'

/** Ended ones beyond these fall off, the oldest first. */
const DONE_OR_CANCELED_MAX = 500
/** What failed has bytes on the disk and a reason that somebody may still want to read. */
const FAILED_MAX = 10_000

export interface ListDeps {
  workspace: Workspace
  store: DownloadStore
  timers: Timers
  /** Told of what nobody foresaw. */
  onFault: (error: unknown) => void
}

/** All downloads, in memory and on the disk alike; the only place where one's state changes. */
export class DownloadList {
  readonly #entries = new Map<string, Entry>()
  readonly feed: Feed
  #isDue = false

  constructor(private readonly deps: ListDeps) {
    this.feed = new Feed(deps.timers)
  }

  /** First come first. */
  entries = (): IterableIterator<Entry> => this.#entries.values()

  get = (id: string): Entry | undefined => this.#entries.get(id)

  view = (entry: Entry): DownloadView => viewOf(entry, this.deps.timers.now())

  /** For a record that is on the disk already. */
  insert(record: DownloadRecord): Entry {
    const entry = newEntry(record)
    this.#entries.set(record.id, entry)
    this.feed.changed(record.id)
    return entry
  }

  /**
   * Changes a state by the table of allowed moves.
   * @returns a promise that waits for the disk and never rejects: what the disk doesn't take is true all the same
   */
  move(entry: Entry, state: DownloadState, change: Partial<DownloadRecord> = {}): Promise<void> {
    const { record } = entry
    if (!mayFollow(record.state, state)) throw new Error(`No download goes from ${record.state} to ${state}.`)
    entry.unschedule?.()
    entry.unschedule = undefined
    const finishedAt = hasEnded(state) ? this.iso() : null
    Object.assign(record, { state, finishedAt, waitUntil: null, error: null, ...change })
    this.feed.changed(record.id)
    if (finishedAt) this.#forgetOldestSoon()
    return this.save(entry)
  }

  /** Back into the queue after it failed or was canceled, as if nothing had happened but for what has arrived. */
  requeue(entry: Entry): Promise<void> {
    return this.move(entry, 'queued', { tries: 0, notices: [], startedAt: null })
  }

  /** Never rejects, see `move`. What was taken off the list while its run still ended stays off the disk too. */
  async save({ record }: Entry): Promise<void> {
    if (this.#entries.has(record.id)) await this.deps.store.save(record).catch(this.deps.onFault)
  }

  /** Takes an ended one off, with whatever it left beside its target. */
  async remove(entry: Entry): Promise<void> {
    const { id } = entry.record
    this.#entries.delete(id)
    this.feed.removed(id)
    // In this order, so that no part is ever without a record.
    await this.discard(entry)
    await this.deps.store.remove(id).catch(this.deps.onFault)
  }

  /** Removes what a download left beside its target; never rejects. */
  async discard({ record: { id, content } }: Entry): Promise<void> {
    if (content) await removePart(this.deps.workspace, content.folder, id).catch(this.deps.onFault)
  }

  iso = (at = this.deps.timers.now()): string => new Date(at).toISOString()

  /** Once for all that end together. */
  #forgetOldestSoon() {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      this.#forgetOldest()
    })
  }

  #forgetOldest() {
    const ended = [...this.entries()].filter(({ record }) => record.finishedAt)
    const failed = ended.filter(({ record }) => record.state === 'failed')
    const others = ended.filter(({ record }) => record.state !== 'failed')
    const tooMany = [...beyond(failed, FAILED_MAX), ...beyond(others, DONE_OR_CANCELED_MAX)]
    for (const entry of tooMany.filter(({ run }) => !run)) void this.remove(entry)
  }
}

/** Those that ended first, as many as are too many. */
function beyond(ended: Entry[], most: number): Entry[] {
  if (ended.length <= most) return []
  const byEnd = ended.sort((a, b) => ((a.record.finishedAt ?? '') < (b.record.finishedAt ?? '') ? -1 : 1))
  return byEnd.slice(0, ended.length - most)
}
