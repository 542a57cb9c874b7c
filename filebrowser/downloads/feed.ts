import type { Timers } from '../timers'

const PROGRESS_EVERY_MS = 250

export interface Changes {
  changed: Iterable<string>
  removed: Iterable<string>
}

/** Tells listeners which downloads have changed: at once of a state, now and then of progress. */
export class Feed {
  readonly #listeners = new Set<(changes: Changes) => void>()
  readonly #changed = new Set<string>()
  readonly #removed = new Set<string>()
  readonly #progressed = new Set<string>()
  #isDue = false
  #later: (() => void) | undefined

  constructor(private readonly timers: Timers) {}

  /** @returns a function that ends the subscription */
  subscribe(listener: (changes: Changes) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What changes together is told together. */
  changed(id: string) {
    this.#progressed.delete(id)
    this.#changed.add(id)
    this.#tellSoon()
  }

  removed(id: string) {
    this.#progressed.delete(id)
    this.#changed.delete(id)
    this.#removed.add(id)
    this.#tellSoon()
  }

  /** For what changes many times a second. */
  progressed(id: string) {
    this.#progressed.add(id)
    this.#later ??= this.timers.after(PROGRESS_EVERY_MS, () => {
      this.#later = undefined
      const ids = [...this.#progressed]
      this.#progressed.clear()
      if (ids.length > 0) this.#tell({ changed: ids, removed: [] })
    })
  }

  #tellSoon() {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      const changes = { changed: [...this.#changed], removed: [...this.#removed] }
      this.#changed.clear()
      this.#removed.clear()
      this.#tell(changes)
    })
  }

  #tell(changes: Changes) {
    for (const listener of this.#listeners) listener(changes)
  }
}
