import type { RefusalView } from '../contract'
import type { Timers } from '../timers'
import type { Entry } from './entry'
import type { DownloadRecord } from './record'

/** A source asks everybody of this session to wait. */
export interface Limit {
  /** Milliseconds since the epoch. */
  until: number
  /** What those end with who would have to wait for too long. */
  error?: RefusalView
}

/** `wanted`: somebody wants to know whether it is over, and the next one finds out for all. */
type Hold = Limit & { scout?: Entry | 'wanted' }

type Verdict = 'go' | 'wait' | RefusalView

/** Which sources want to be left alone: what one download was told counts for all of that source. */
export class Holds {
  readonly #holds = new Map<string, Hold>()

  /** @param onOver told when one is over */
  constructor(
    private readonly timers: Timers,
    private readonly onOver: () => void,
  ) {}

  /** @param entry the one that was told */
  set(entry: Entry, told: Limit) {
    const before = this.#of(entry.record)
    const other = before?.scout === entry ? undefined : before
    const { until, error } = other && other.until > told.until ? other : told
    this.#holds.set(sourceOf(entry.record), { until, error, scout: other?.scout })
    this.timers.after(until - this.timers.now(), this.onOver)
  }

  /** Whether a download may begin, has to wait, or ends unasked with an error. */
  verdict(record: DownloadRecord): Verdict {
    const hold = this.#of(record)
    if (!hold || hold.scout === 'wanted') return 'go'
    return hold.scout || !hold.error ? 'wait' : hold.error
  }

  /** Somebody knows better than to wait. */
  release(record: DownloadRecord) {
    if (this.#of(record)?.error) this.askAgain(record)
    else this.#holds.delete(sourceOf(record))
  }

  /** Somebody tries again what failed: one finds out for all whether the source still says no. */
  askAgain(record: DownloadRecord) {
    const hold = this.#of(record)
    if (hold?.error) hold.scout ??= 'wanted'
  }

  began(entry: Entry) {
    const hold = this.#of(entry.record)
    if (hold?.scout === 'wanted') hold.scout = entry
  }

  /** @returns whether that ends a hold: bytes came that were never there before */
  advanced = (entry: Entry): boolean => this.#isScout(entry) && this.#holds.delete(sourceOf(entry.record))

  /** @param isAnswered whether the source said something else than to wait */
  ended(entry: Entry, isAnswered: boolean) {
    const hold = this.#of(entry.record)
    if (!hold || !this.#isScout(entry)) return
    if (isAnswered) this.#holds.delete(sourceOf(entry.record))
    else hold.scout = 'wanted'
  }

  #isScout = (entry: Entry): boolean => this.#of(entry.record)?.scout === entry

  #of(record: DownloadRecord): Hold | undefined {
    const hold = this.#holds.get(sourceOf(record))
    return hold && hold.until > this.timers.now() ? hold : undefined
  }
}

/** The limit of one host is none of another. */
const sourceOf = ({ provider, source }: DownloadRecord): string =>
  provider ?? (URL.canParse(source) ? new URL(source).host : source)
