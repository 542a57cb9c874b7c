import { randomUUID } from 'node:crypto'
import type { DownloadRequest, DownloadView, RefusalView } from '../contract'
import { Refusal } from '../refusal'
import type { Entry } from './entry'
import { limited } from './limited'
import type { DownloadList } from './list'
import { type DownloadRecord, newRecord } from './record'
import { hasEnded } from './states'
import type { DownloadStore } from './store'
import { readRequest, type Wanted, type WantedDeps } from './wanted'

const UNFINISHED_MAX = 10_000
/** Some have to be asked about at their source first. */
const READ_AT_ONCE = 4

export interface Added {
  /** In the order that they were asked for; what was asked for twice is in it once. */
  downloads: DownloadView[]
  refused: { source: string; error: RefusalView }[]
}

export interface IntakeDeps extends WantedDeps {
  list: DownloadList
  store: DownloadStore
  explain: (error: unknown) => RefusalView
  /** Tries one again that failed or was canceled. */
  requeue: (entry: Entry) => Promise<void>
}

/** Puts what is asked for into the list: each file is in it, on the disk as well, or among the refused. */
export class Intake {
  /** One request after the other, or two for the same file could both be new. */
  #before: Promise<unknown> = Promise.resolve()

  /** @param lastNumber the highest that was given to a download so far */
  constructor(
    private readonly deps: IntakeDeps,
    private lastNumber: number,
  ) {}

  async add(requests: DownloadRequest[]): Promise<Added> {
    const inTurn = limited(READ_AT_ONCE)
    const read = await Promise.allSettled(
      requests.map((request) => inTurn(() => readRequest(this.deps, request))),
    )
    const refused: Added['refused'] = []
    const wanted: Wanted[] = []
    for (const [index, outcome] of read.entries()) {
      const source = requests[index]?.source ?? ''
      const parts =
        outcome.status === 'fulfilled' ? outcome.value.refused : [{ source, refusal: outcome.reason }]
      if (outcome.status === 'fulfilled') wanted.push(...outcome.value.wanted)
      for (const { source, refusal } of parts)
        refused.push({ source: withoutToken(source), error: this.deps.explain(refusal) })
    }
    const own = this.#before.then(() => this.#put(wanted, refused))
    this.#before = own.catch(() => undefined)
    return own
  }

  async #put(wanted: Wanted[], refused: Added['refused']): Promise<Added> {
    const { list, store, explain, requeue } = this.deps
    const known = this.#known()
    let room = UNFINISHED_MAX - [...list.entries()].filter(({ record }) => !hasEnded(record.state)).length
    const fresh = new Map<string, DownloadRecord>()
    const saved: Promise<void>[] = []
    for (const file of wanted) {
      const key = keyOf(file)
      const same = known.get(key)
      // Asked for again, it goes on from what is there, as if it had been told to try again.
      if (same && hasEnded(same.record.state)) saved.push(requeue(same))
      else if (!same && !fresh.has(key)) {
        if (room-- > 0) fresh.set(key, this.#record(file))
        else refused.push({ source: file.source, error: explain(full()) })
      }
    }
    const outcomes = await Promise.allSettled([...fresh.values()].map((record) => store.save(record)))
    await Promise.all(saved)
    for (const [index, [key, record]] of [...fresh].entries()) {
      const outcome = outcomes[index]
      if (outcome?.status === 'fulfilled') known.set(key, list.insert(record))
      else {
        // What isn't sure to be there must not be there by chance.
        await store.remove(record.id).catch(() => undefined)
        refused.push({ source: record.source, error: explain(outcome?.reason) })
      }
    }
    const entries = new Set(wanted.flatMap((file) => known.get(keyOf(file)) ?? []))
    return { downloads: [...entries].map(list.view), refused }
  }

  /** What is done is nothing to go on with: whoever asks for it again gets told that it is there. */
  #known() {
    const { list } = this.deps
    const open = [...list.entries()].filter(({ record }) => record.state !== 'done')
    return new Map(open.map((entry) => [keyOf(entry.record), entry]))
  }

  #record({ provider, source, called, folder, name }: Wanted): DownloadRecord {
    this.lastNumber += 1
    const queuedAt = this.deps.list.iso()
    const asked = { provider, source, called, folder, name, queuedAt }
    return newRecord({ id: randomUUID(), number: this.lastNumber, ...asked })
  }
}

const keyOf = ({ source, folder, name }: Pick<Wanted, 'source' | 'folder' | 'name'>) =>
  JSON.stringify([source, folder, name])

/** What was pasted is named in the answer as it was, but for what nobody should see. */
const withoutToken = (pasted: string) => pasted.replace(/([?&](?:token|key|api_key)=)[^&#\s]*/gi, '$1…')

const full = () =>
  new Refusal(
    'queue_full',
    `There are ${UNFINISHED_MAX} downloads in the queue already. Wait until some have ended, or cancel some.`,
  )
