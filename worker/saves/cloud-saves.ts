import { isWorkspaceStarting, listDueSaves, listSaveFences } from '../../db/cloud-save-work'
import { measureSoon } from '../../db/disk-usage'
import { besides } from '../besides'
import type { WorkerDeps } from '../deps'
import { removeLeftovers } from './archives'
import { save } from './save'

/** What one pass may begin at most; the rest waits for the next. */
const PASS_MAX = 20
/** Each reads and packs as fast as it can. */
const AT_ONCE = 2
/** How often to look for files that nobody told of; what was deleted or ended here goes at once. */
const CLEAR_UP_EVERY_MS = 10 * 60_000

/** Saves workspaces, a few at a time, and beside the launches: a large one must not hold one up. */
export function cloudSaves(deps: WorkerDeps, shutdown: AbortSignal) {
  const { db, clock, logger, runtime } = deps
  let clearUpAt = 0

  const clearUp = () =>
    removeLeftovers(
      deps.saves.folder,
      (userId) => listSaveFences(db, userId),
      (userId) => measureSoon(db, userId),
    )

  const { begin, ended } = besides(
    AT_ONCE,
    async (id) => {
      if (shutdown.aborted) return
      await save(deps, id, shutdown)
      await clearUp()
    },
    (error, id) => logger.error({ err: error, saveId: id }, 'save'),
  )

  return {
    /** Makes a save, or removes the file of one that was deleted. */
    begin,

    /** Begins what is due though no job came for it, and clears up after saves and restores that died. */
    async pass(): Promise<void> {
      for (const id of listDueSaves(db, clock(), PASS_MAX)) begin(id)
      if (clock() >= clearUpAt) {
        clearUpAt = clock() + CLEAR_UP_EVERY_MS
        await clearUp()
      }
      await runtime.workspaces.tidy((workspaceId) => isWorkspaceStarting(db, workspaceId))
    },

    /** Settles when nothing of it runs any more. */
    ended,
  }
}
