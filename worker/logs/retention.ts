import { listEndedBefore } from '../../db/ended-machines'
import type { Clock, Db } from '../../db/open'
import { listMachinesWithLogs, removeLogs } from '../../log-files'

const DAY_MS = 24 * 60 * 60 * 1000
/** Nothing is in a hurry here. */
const LOOK_EVERY_MS = 60 * 60 * 1000
/** Of how many machines one pass removes the logs; the rest waits for the next. */
const REMOVALS_MAX = 50

export interface LogRetention {
  dataDir: string
  /** How long logs are kept after their machine has ended. */
  days: number
}

/** @returns a pass that removes logs which are kept no longer: of machines that ended long ago or are gone */
export function logRetention(db: Db, clock: Clock, { dataDir, days }: LogRetention): () => Promise<void> {
  let nextLook = 0
  return async () => {
    const now = clock()
    if (now < nextLook) return
    const due = listEndedBefore(db, await listMachinesWithLogs(dataDir), now - days * DAY_MS)
    for (const machineId of due.slice(0, REMOVALS_MAX)) await removeLogs(dataDir, machineId)
    if (due.length <= REMOVALS_MAX) nextLook = now + LOOK_EVERY_MS
  }
}
