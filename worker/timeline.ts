import type { Logger } from 'pino'
import { addMachineEvent, type EventLine } from '../db/machine-events'
import { type Clock, type Db, immediately, isBusy, isDiskFull } from '../db/open'

const WAIT_MS = 50
/** Until a write that didn't go through is tried again; each of them may hold the process for 2 s. */
const AGAIN_MS = 5000

/**
 * Lines for a machine's timeline that wait a moment for a write that comes anyway, as each write of their own waits
 * for the disk. Work that was abandoned may report after its launch has ended: that is not written.
 */
export function timeline(
  { db, clock, logger }: { db: Db; clock: Clock; logger: Pick<Logger, 'warn'> },
  machineId: string,
) {
  let lines: EventLine[] = []
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false

  function pause() {
    clearTimeout(timer)
    timer = undefined
  }
  /**
   * Hands the lines that wait to `write`, which writes them in a transaction of its own; they wait on when it throws.
   * @throws what `write` throws
   */
  async function writeWith<T>(write: (waiting: readonly EventLine[]) => Promise<T>): Promise<T> {
    const waiting = lines
    lines = []
    pause()
    try {
      return await write(waiting)
    } catch (error) {
      lines = [...waiting, ...lines]
      throw error
    }
  }
  /** Writes those that wait, or tries again later. Never throws: no launch fails for its timeline. */
  function flush(): void {
    pause()
    if (lines.length === 0) return
    try {
      immediately(db, (tx) => {
        for (const { text, at } of lines) addMachineEvent(tx, machineId, text, at)
      })
      lines = []
    } catch (error) {
      if (isBusy(error) || isDiskFull(error)) {
        timer = setTimeout(flush, AGAIN_MS)
        return
      }
      // The machine is gone, or the database closed.
      lines = []
      logger.warn({ err: error }, 'lines of a timeline could not be written')
    }
  }
  return {
    report(text: string) {
      if (hasEnded) return
      lines.push({ text, at: clock() })
      timer ??= setTimeout(flush, WAIT_MS)
    },
    writeWith,
    flush,
    /** What waits or comes after it is not written. */
    end() {
      hasEnded = true
      lines = []
      pause()
    },
  }
}

export type Timeline = ReturnType<typeof timeline>
