import { closeAlone } from '../../db/database-check'
import { type Clock, type Db, isBusy, openDb } from '../../db/open'
import { installationId } from '../../db/restored'
import { lastBeatAt } from '../../db/workers'
import { BackupError } from '../format'

/** Twice what a worker needs to count as gone. */
const IN_USE_MS = 30_000

/**
 * Looks at a database that is about to be replaced, and lets nobody go on with it.
 * @returns whose it is, as far as it can be read
 * @throws BackupError when somebody uses it
 */
export function closeOld(database: string, clock: Clock): string | undefined {
  try {
    const db = openDb(database)
    const { id, beatAt } = lookAt(db)
    try {
      assertUnused(beatAt, clock())
    } catch (error) {
      db.$client.close()
      throw error
    }
    closeAlone(db)
    return id
  } catch (error) {
    if (error instanceof BackupError) throw error
    if (isBusy(error))
      throw new BackupError(`A process still uses ${database}. Stop Slipway first. Nothing was changed.`)
    // It may be damaged, which is why somebody restores.
    return undefined
  }
}

function lookAt(db: Db): { id?: string; beatAt?: number | undefined } {
  try {
    return { id: installationId(db), beatAt: lastBeatAt(db) }
  } catch {
    return {}
  }
}

/** Locks of files tell nothing of a worker in another container or on another host. */
function assertUnused(beatAt: number | undefined, now: number): void {
  if (beatAt === undefined || beatAt <= now - IN_USE_MS) return
  const seconds = Math.max(0, Math.round((now - beatAt) / 1000))
  throw new BackupError(
    `A worker still uses this database: it was heard of ${seconds} seconds ago. Stop Slipway first; after one that was killed, wait ${IN_USE_MS / 1000} seconds. Nothing was changed.`,
  )
}
