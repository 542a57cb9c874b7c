import type { ApiError } from '../api'
import { nextName } from './next-name'
import type { Parcel, Sending, sending } from './send'

/**
 * `lost` goes on by itself once something comes through again; `exists` waits for a person to say what becomes of
 * the file that is there.
 */
export type UploadState = 'waiting' | 'sending' | 'lost' | 'paused' | 'exists' | 'failed' | 'done'

export interface UploadItem {
  id: number
  parcel: Parcel
  state: UploadState
  sent: number
  /** Why it failed, or waits to be tried again. */
  message: string | undefined
}

/** Small files wait for answers more than for the line; large ones gain nothing by being more. */
const AT_ONCE = 2
const TRY_AGAIN_MS = 2000

interface Deps {
  sending: typeof sending
  /** Told of each file that has arrived. */
  onArrived: (parcel: Parcel) => void
}

/** Sends files in turn, whatever the page shows meanwhile; a store that React can subscribe to. */
export class UploadQueue {
  private items: readonly UploadItem[] = []
  private under = new Map<number, Sending>()
  private listeners = new Set<() => void>()
  private lastId = 0

  constructor(private readonly deps: Deps) {}

  readonly read = () => this.items

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  add(parcels: Parcel[]) {
    const added = parcels.map((parcel): UploadItem => {
      this.lastId += 1
      return { id: this.lastId, parcel, state: 'waiting', sent: 0, message: undefined }
    })
    this.keep([...this.items.filter(({ state }) => state !== 'done'), ...added])
  }

  pause(id: number) {
    void this.under
      .get(id)
      ?.pause()
      .catch(() => {})
    this.change(id, { state: 'paused' })
  }

  /** Goes on, or tries again what failed. */
  resume(id: number) {
    this.change(id, { state: 'waiting', message: undefined })
  }

  /** @param answer what becomes of the file that has the name already */
  settle(id: number, answer: 'replace' | 'keep-both' | 'skip') {
    const item = this.items.find((each) => each.id === id)
    if (!item) return
    if (answer === 'skip') return this.remove(id)
    this.under.delete(id)
    const { parcel } = item
    const other = answer === 'replace' ? { overwrite: true } : { name: nextName(parcel.name) }
    this.change(id, { state: 'waiting', parcel: { ...parcel, ...other } })
  }

  /** Ends it; what has arrived of it is thrown away. */
  remove(id: number) {
    // What doesn't come through now is thrown away by the machine when it gets too old.
    void this.under
      .get(id)
      ?.cancel()
      .catch(() => {})
    this.under.delete(id)
    this.keep(this.items.filter((item) => item.id !== id))
  }

  clearDone() {
    this.keep(this.items.filter(({ state }) => state !== 'done'))
  }

  /** Whether leaving the page would interrupt something. */
  get isBusy() {
    return this.items.some(({ state }) => ['waiting', 'sending', 'lost'].includes(state))
  }

  private begin(item: UploadItem) {
    const { id, parcel } = item
    const only = (...states: UploadState[]) =>
      states.includes(this.items.find((each) => each.id === id)?.state ?? 'done')
    const under =
      this.under.get(id) ??
      this.deps.sending(parcel, {
        onSent: (sent) => only('sending') && this.change(id, { sent }),
        onDone: () => {
          this.under.delete(id)
          this.change(id, { state: 'done', sent: parcel.file.size })
          this.deps.onArrived(parcel)
        },
        onRefused: (refusal) => only('sending') && this.refused(id, refusal),
        onLost: (why) => only('sending') && this.lost(id, why),
      })
    this.under.set(id, under)
    this.change(id, { state: 'sending' })
    under.start().catch((error: Error) => this.change(id, { state: 'failed', message: error.message }))
  }

  private refused(id: number, { code, message }: ApiError['refusal']) {
    this.under.delete(id)
    this.change(id, code === 'already_exists' ? { state: 'exists', sent: 0 } : { state: 'failed', message })
  }

  private lost(id: number, message?: string) {
    this.change(id, { state: 'lost', message })
    const again = () => {
      clearTimeout(timer)
      removeEventListener('online', again)
      if (this.items.some((item) => item.id === id && item.state === 'lost')) this.resume(id)
    }
    const timer = setTimeout(again, TRY_AGAIN_MS)
    addEventListener('online', again)
  }

  private change(id: number, part: Partial<UploadItem>) {
    this.keep(this.items.map((item) => (item.id === id ? { ...item, ...part } : item)))
  }

  private keep(items: readonly UploadItem[]) {
    this.items = items
    for (const listener of this.listeners) listener()
    const sending = this.items.filter(({ state }) => state === 'sending').length
    const next = this.items.find(({ state }) => state === 'waiting')
    if (next && sending < AT_ONCE) this.begin(next)
  }
}
