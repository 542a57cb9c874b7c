import type { Socket } from 'node:net'
import { markActive } from '../../db/machine-activity'
import { ifPossible } from '../../db/open'
import type { Services } from '../trpc/context'

/** The database hears of a machine's use at most this often. */
const TELL_EVERY_MS = 60_000
/** What keeps a connection open without anybody there: answers to pings, and what a page left open is sent. */
const KEEPING_OPEN_BYTES = { received: 64, sent: 64 * 1024 }

/** Writes down that machines are used, as browsers' traffic to them says. */
export function machineActivity({ db, clock, logger }: Pick<Services, 'db' | 'clock' | 'logger'>) {
  const toldAt = new Map<string, number>()

  function tell(machineId: string): void {
    const now = clock()
    if (now - (toldAt.get(machineId) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return
    for (const [id, at] of toldAt) if (now - at >= TELL_EVERY_MS) toldAt.delete(id)
    toldAt.set(machineId, now)
    try {
      ifPossible(() => markActive(db, machineId, clock))
    } catch (error) {
      // Nobody's request fails for want of bookkeeping.
      logger.warn({ err: error, machineId }, 'activity')
    }
  }

  return {
    tell,

    /**
     * Watches a connection that stays open: long uploads and downloads and messages of a websocket are use too.
     * @param isSocket one on which the service speaks by itself, so that only what the browser says counts
     * @returns what looks whether anything of that went by since the last look
     */
    meter(machineId: string, connection: Socket, { isSocket }: { isSocket: boolean }): () => void {
      let { bytesRead, bytesWritten } = connection
      return () => {
        const received = connection.bytesRead - bytesRead
        const sent = connection.bytesWritten - bytesWritten
        ;({ bytesRead, bytesWritten } = connection)
        const isUsed = received > KEEPING_OPEN_BYTES.received || (!isSocket && sent > KEEPING_OPEN_BYTES.sent)
        if (isUsed) tell(machineId)
      }
    },
  }
}
