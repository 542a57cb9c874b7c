import { Refusal } from '../refusal'

const IN_A_ROW_MAX = 5
const FIRST_PAUSE_MS = 1000

/** How often what may be over in a moment is tried again: five times in a row, after 1, 2, 4, 8 and 16 seconds. */
export class Patience {
  #failures = 0
  #furthest = 0

  constructor(
    private readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>,
    private readonly signal: AbortSignal,
  ) {}

  /** Bytes that were never there before make up for all failures. A server that only repeats itself wears it out. */
  sawProgress(received: number): void {
    if (received <= this.#furthest) return
    this.#furthest = received
    this.#failures = 0
  }

  /** Does the work until it succeeds. @throws what will not pass, or has come too often */
  async during<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        const passes = error instanceof Refusal && error.transient
        if (!passes || this.#failures === IN_A_ROW_MAX || this.signal.aborted) throw error
        await this.sleep(FIRST_PAUSE_MS * 2 ** this.#failures++, this.signal)
      }
    }
  }
}
