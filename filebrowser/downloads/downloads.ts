import { randomUUID } from 'node:crypto'
import type { IssuerSettings } from '~/providers/issuers'
import { type ModelSource, parseModelUrl } from '~/providers/models/source'
import type { DownloadView } from '../contract'
import { Refusal, toRefusal } from '../refusal'
import { resolveExisting } from '../workspace/workspace'
import { type DownloadDeps, download } from './download'

const KEPT_MAX = 50
const NOTIFY_EVERY_MS = 250

interface Entry {
  view: DownloadView
  controller: AbortController
  /** Settles when nothing of it runs any more and no `.part` is left. */
  ended: Promise<void>
}

export interface DownloadsDeps extends DownloadDeps {
  issuers: IssuerSettings
  /** Milliseconds since the epoch. */
  now: () => number
  /** Told of what nobody foresaw. */
  onFault: (error: unknown) => void
}

/** The downloads of this session, newest first; the last 50 are kept. */
export class Downloads {
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<() => void>()
  #soon: NodeJS.Timeout | undefined

  constructor(private readonly deps: DownloadsDeps) {}

  list(): DownloadView[] {
    return [...this.#entries.values()].map(({ view }) => view).reverse()
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Begins a download and answers at once; how it ends is in the list.
   * @param folder relative to the workspace; `undefined` lets the source propose one
   * @throws Refusal for an address or a folder that can't be used
   */
  async start(url: string, folder: string | undefined): Promise<DownloadView> {
    const source = parseModelUrl(url, this.deps.issuers)
    if (folder !== undefined) await resolveExisting(this.deps.workspace, folder)
    const view: DownloadView = {
      id: randomUUID(),
      state: 'checking',
      provider: source.provider,
      source: url,
      name: provisionalName(source),
      folder: folder ?? null,
      received: 0,
      size: null,
      bytesPerSecond: null,
      secondsLeft: null,
      verified: null,
      sha256: null,
      pickle: false,
      notices: [],
      waitUntil: null,
      queuedAt: new Date(this.deps.now()).toISOString(),
      startedAt: new Date(this.deps.now()).toISOString(),
      finishedAt: null,
      error: null,
    }
    const controller = new AbortController()
    this.#entries.set(view.id, { view, controller, ended: this.#run(view, source, controller.signal) })
    this.#forgetOldest()
    this.#notify()
    return view
  }

  /**
   * Stops a download that runs, or takes one that has ended off the list.
   * @throws Refusal `not_found`
   */
  async cancel(id: string): Promise<void> {
    const entry = this.#entries.get(id)
    if (!entry) throw new Refusal('not_found', 'There is no such download.')
    if (entry.view.finishedAt) {
      this.#entries.delete(id)
      return this.#notify()
    }
    entry.controller.abort()
    await entry.ended
  }

  async close(): Promise<void> {
    for (const { controller } of this.#entries.values()) controller.abort()
    await Promise.all([...this.#entries.values()].map(({ ended }) => ended))
  }

  async #run(view: DownloadView, source: ModelSource, signal: AbortSignal): Promise<void> {
    const { now } = this.deps
    const asked = view.folder ?? undefined
    let firstByteAt = now()
    let hasHash = false
    try {
      await download(
        this.deps,
        source,
        asked,
        {
          onFile: (file, folder) => {
            hasHash = file.sha256 !== undefined
            this.#change(view, { name: file.name, folder, size: file.size ?? null })
          },
          onStart: (size) => {
            firstByteAt = now()
            this.#change(view, { state: 'downloading', size: size ?? null })
          },
          onBytes: (received) => {
            const seconds = (now() - firstByteAt) / 1000
            view.received = received
            view.bytesPerSecond = seconds > 0 ? Math.round(received / seconds) : null
            this.#notifySoon()
          },
        },
        signal,
      )
      this.#end(view, { state: 'done', size: view.received, verified: hasHash ? 'sha256' : 'size' })
    } catch (error) {
      this.#fail(view, error, signal)
    }
  }

  #fail(view: DownloadView, error: unknown, signal: AbortSignal) {
    if (signal.aborted) return this.#end(view, { state: 'canceled' })
    const refusal = toRefusal(error)
    if (!refusal) this.deps.onFault(error)
    const { code, message, link } =
      refusal ?? new Refusal('internal', 'Something unforeseen went wrong. Try again.')
    this.#end(view, { state: 'failed', error: { code, message, link } })
  }

  #end(view: DownloadView, change: Partial<DownloadView>) {
    this.#change(view, { ...change, finishedAt: new Date(this.deps.now()).toISOString() })
  }

  #change(view: DownloadView, change: Partial<DownloadView>) {
    Object.assign(view, change)
    this.#notify()
  }

  #notify() {
    clearTimeout(this.#soon)
    this.#soon = undefined
    for (const listener of this.#listeners) listener()
  }

  /** For what changes many times a second. */
  #notifySoon() {
    this.#soon ??= setTimeout(() => this.#notify(), NOTIFY_EVERY_MS).unref()
  }

  #forgetOldest() {
    for (const [id, { view }] of this.#entries) {
      if (this.#entries.size <= KEPT_MAX) return
      if (view.finishedAt) this.#entries.delete(id)
    }
  }
}

function provisionalName(source: ModelSource): string {
  if (source.provider === 'huggingface') return source.path.at(-1) ?? ''
  if (source.provider === null) return new URL(source.url).pathname.split('/').at(-1) ?? ''
  return source.versionId ? `Civitai version ${source.versionId}` : `Civitai model ${source.modelId}`
}
