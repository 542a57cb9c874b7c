import type { FolderView, SpaceView } from '../../contract'
import type { ApiError } from '../api'
import { joinPath } from '../format'
import type { Entry, Span } from './files-api'
import type { Listing } from './listing'

const PAGE = 200
/** For what is selected without having been in sight. */
const BULK = 5000
/** After the first failure; doubled after each further one. */
const AGAIN_AFTER_MS = 3000
const AGAIN_AFTER_MAX_MS = 60_000

type Load = (span: Span, signal: AbortSignal) => Promise<FolderView>

/** A folder that is asked for in parts, those in sight first; a store that React can subscribe to. */
export class FolderPages {
  private entries = new Map<number, Entry>()
  /** Pages that came since the last refresh. */
  private fresh = new Set<number>()
  private loading = new Set<number>()
  /** Pages that are left alone until the next try, however often the page is drawn meanwhile. */
  private failed = new Set<number>()
  /** Failures since something came, or somebody asked again. */
  private failures = 0
  private again: ReturnType<typeof setTimeout> | undefined
  private sight = { first: 0, last: 0 }
  private total: number | undefined
  private space: SpaceView | undefined
  private error: ApiError | undefined
  private controller = new AbortController()
  private listeners = new Set<() => void>()
  /** A new object whenever something changes. */
  private shown = this.snapshot()

  constructor(private readonly load: Load) {}

  readonly read = (): Listing => this.shown

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Takes back what is on its way. */
  close() {
    this.controller.abort()
    this.dropTry()
  }

  private snapshot(): Listing {
    const { total, space, error } = this
    return {
      total,
      space,
      error,
      at: (index) => this.entries.get(index),
      want: (first, last) => this.want(first, last),
      range: (first, last) => this.range(first, last),
      refresh: () => this.refresh(),
    }
  }

  private want(first: number, last: number) {
    this.sight = { first, last }
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++)
      void this.loadPage(page)
  }

  refresh() {
    this.controller.abort()
    this.controller = new AbortController()
    this.fresh.clear()
    this.loading.clear()
    this.failures = 0
    this.tryAgain()
  }

  private tryAgain() {
    this.dropTry()
    this.failed.clear()
    this.want(this.sight.first, this.sight.last)
    if (this.loading.size > 0 || !this.error) return
    // What failed is no longer in sight.
    this.error = undefined
    this.changed()
  }

  private tryLater() {
    if (this.again) return
    const wait = Math.min(AGAIN_AFTER_MS * 2 ** this.failures, AGAIN_AFTER_MAX_MS)
    this.failures++
    this.again = setTimeout(() => this.tryAgain(), wait)
  }

  private dropTry() {
    clearTimeout(this.again)
    this.again = undefined
  }

  private async loadPage(page: number) {
    if (this.fresh.has(page) || this.loading.has(page) || this.failed.has(page)) return
    const { signal } = this.controller
    this.loading.add(page)
    try {
      const view = await this.load({ offset: page * PAGE, limit: PAGE }, signal)
      if (signal.aborted) return
      this.loading.delete(page)
      this.fresh.add(page)
      this.keep(view)
    } catch (error) {
      if (signal.aborted) return
      this.loading.delete(page)
      this.failed.add(page)
      this.error = error as ApiError
      this.tryLater()
      this.changed()
    }
  }

  private keep({ path, entries, offset, total, space }: FolderView) {
    for (const [at, entry] of entries.entries())
      this.entries.set(offset + at, { ...entry, path: joinPath(path, entry.name) })
    // What is no longer that far down.
    for (let at = total; at < (this.total ?? 0); at++) this.entries.delete(at)
    Object.assign(this, { total, space })
    if (this.failed.size === 0) {
      this.error = undefined
      this.failures = 0
    }
    this.changed()
  }

  private async range(first: number, last: number): Promise<Entry[]> {
    const { signal } = this.controller
    const found: Entry[] = []
    for (let at = first; at <= last; ) {
      const entry = this.fresh.has(Math.floor(at / PAGE)) ? this.entries.get(at) : undefined
      if (entry) {
        found.push(entry)
        at++
        continue
      }
      const view = await this.load({ offset: at, limit: Math.min(BULK, last - at + 1) }, signal)
      if (view.entries.length === 0) break
      found.push(...view.entries.map((each) => ({ ...each, path: joinPath(view.path, each.name) })))
      at += view.entries.length
    }
    return found
  }

  private changed() {
    this.shown = this.snapshot()
    for (const listener of this.listeners) listener()
  }
}
