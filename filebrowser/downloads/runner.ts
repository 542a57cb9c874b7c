import type { ProviderId } from '~/providers/registry'
import { Refusal } from '../refusal'
import type { Timers } from '../timers'
import type { Transferred } from '../transfers/contract'
import type { Entry, Run } from './entry'
import { type FetchDeps, fetchRecord } from './fetch'
import { Holds } from './holds'
import type { DownloadList } from './list'
import { type Outcome, outcomeOf } from './outcome'
import { progressOf } from './progress'
import type { DownloadStore } from './store'

const TICK_MS = 1000

export interface RunnerDeps extends FetchDeps {
  list: DownloadList
  store: DownloadStore
  timers: Timers
  atOnce: number
  tokens: Partial<Record<ProviderId, string>>
  /** A file is whole and in its place. @param path relative to the workspace */
  onDone: (file: Transferred) => void
  onFault: (error: unknown) => void
}

/** Runs what is queued: a few at once, first come first, and never two into one file. */
export class Runner {
  readonly #running = new Set<Entry>()
  /** Who writes where, by absolute path. */
  readonly #targets = new Map<string, Entry>()
  readonly #holds: Holds
  #isClosed = false
  #isTicking = false

  constructor(private readonly deps: RunnerDeps) {
    this.#holds = new Holds(deps.timers, () => this.fill())
  }

  /** Begins what may begin now, and ends what its source would not hear of. */
  fill() {
    if (this.#isClosed) return
    for (const entry of this.deps.list.entries()) {
      if (entry.record.state !== 'queued' || entry.run) continue
      const verdict = this.#holds.verdict(entry.record)
      if (typeof verdict === 'object') void this.deps.list.move(entry, 'failed', { error: verdict })
      else if (verdict === 'go' && this.#hasRoomFor(entry)) this.#begin(entry)
    }
  }

  /** Takes up a waiting one again when its time has come. */
  schedule(entry: Entry) {
    const { list, timers } = this.deps
    const at = Date.parse(entry.record.waitUntil ?? '') || 0
    entry.unschedule = timers.after(Math.max(0, at - timers.now()), () => {
      void list.move(entry, 'queued')
      this.fill()
    })
  }

  /** Somebody knows better than to wait. */
  release({ record }: Entry) {
    this.#holds.release(record)
  }

  /** Somebody tries one again that failed or was canceled. */
  requeue = (entry: Entry): Promise<void> => {
    this.#holds.askAgain(entry.record)
    return this.deps.list.requeue(entry)
  }

  /**
   * Stops one if it runs, and waits until nothing of it does.
   * @param discard whether what has arrived is not wanted any more
   */
  async stop(entry: Entry, discard: boolean): Promise<void> {
    const { run } = entry
    if (!run) return discard ? this.#discard(entry) : undefined
    run.discard ||= discard
    run.controller.abort()
    await run.ended
  }

  /** Stops all of them; the records keep saying that they ran. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#running].map((entry) => this.stop(entry, false)))
  }

  #hasRoomFor = ({ target }: Entry): boolean =>
    this.#running.size < this.deps.atOnce && !(target && this.#targets.has(target))

  #begin(entry: Entry) {
    const { list } = this.deps
    const controller = new AbortController()
    const run: Run = { controller, discard: false, isTaken: false, ended: Promise.resolve() }
    entry.course = []
    entry.run = run
    this.#running.add(entry)
    this.#holds.began(entry)
    void list.move(entry, 'checking', { startedAt: entry.record.startedAt ?? list.iso() })
    run.ended = this.#follow(entry, run)
    this.#tick()
  }

  async #follow(entry: Entry, run: Run): Promise<void> {
    const outcome = await this.#fetch(entry, run)
    if (this.#targets.get(entry.target ?? '') === entry) this.#targets.delete(entry.target ?? '')
    try {
      await this.#settle(entry, run, outcome)
    } catch (error) {
      this.deps.onFault(error)
    }
    this.#holds.ended(entry, outcome?.kind === 'done' || outcome?.kind === 'failed')
    entry.run = undefined
    this.#running.delete(entry)
    this.fill()
  }

  /** @returns undefined when it was stopped on the way */
  async #fetch(entry: Entry, run: Run): Promise<Outcome | undefined> {
    const { tokens, timers, onFault } = this.deps
    const { signal } = run.controller
    try {
      const progress = progressOf(entry, run, this.deps, {
        claim: (target) => this.#claim(entry, run, target),
        onAdvance: () => this.#holds.advanced(entry) && this.fill(),
      })
      const transferred = await fetchRecord(this.deps, entry.record, progress, signal)
      return { kind: 'done', transferred }
    } catch (error) {
      if (signal.aborted || run.isTaken) return undefined
      const { tries } = entry.record
      return outcomeOf(error, { tries, now: timers.now(), secrets: Object.values(tokens), onFault })
    }
  }

  async #settle(entry: Entry, run: Run, outcome: Outcome | undefined): Promise<void> {
    const { list, onDone } = this.deps
    const { record } = entry
    if (outcome?.kind === 'done') {
      const { size, verified, sha256 } = outcome.transferred
      if (record.content) record.content.size = size
      onDone(outcome.transferred)
      return list.move(entry, 'done', { received: size, verified, sha256 })
    }
    if (!outcome) {
      if (run.discard) return this.#discard(entry)
      // Whoever stopped it has said what it is now, or the next process goes on with it.
      return run.controller.signal.aborted ? undefined : list.move(entry, 'queued')
    }
    const { limit, error } = outcome
    if (outcome.kind === 'failed') {
      if (limit) this.#holds.set(entry, limit)
      return list.move(entry, 'failed', { error })
    }
    const { at } = outcome
    const saved = list.move(entry, 'waiting', { error, waitUntil: list.iso(at), tries: record.tries + 1 })
    this.schedule(entry)
    // After its own time, so that it comes before those behind it.
    if (limit) this.#holds.set(entry, limit)
    return saved
  }

  async #discard(entry: Entry): Promise<void> {
    const { list } = this.deps
    await list.discard(entry)
    Object.assign(entry.record, { content: null, received: 0 })
    list.feed.changed(entry.record.id)
    await list.save(entry)
  }

  /** One writer a file: whoever comes second is queued again until the first has ended. */
  #claim(entry: Entry, run: Run, target: string) {
    entry.target = target
    const writer = this.#targets.get(target)
    run.isTaken = writer !== undefined && writer !== entry
    if (run.isTaken) throw new Refusal('busy', 'Another download writes to this file.')
    this.#targets.set(target, entry)
  }

  /** So that the speed falls also while nothing comes. */
  #tick() {
    if (this.#isTicking) return
    this.#isTicking = true
    this.deps.timers.after(TICK_MS, () => {
      this.#isTicking = false
      for (const { record } of this.#running)
        if (record.state === 'downloading') this.deps.list.feed.progressed(record.id)
      if (this.#running.size > 0 && !this.#isClosed) this.#tick()
    })
  }
}
