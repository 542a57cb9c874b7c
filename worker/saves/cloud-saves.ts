import { isWorkspaceStarting, listDueSaves, listSaveFences } from '../../db/cloud-save-work'
import { measureSoon } from '../../db/disk-usage'
import type { WorkerDeps } from '../deps'
import { turns } from '../turns'
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
  const inTurn = turns(AT_ONCE)
  const running = new Map<string, Promise<void>>()
  let clearUpAt = 0

  const clearUp = () =>
    removeLeftovers(
      deps.saves.folder,
      (userId) => listSaveFences(db, userId),
      (userId) => measureSoon(db, userId),
    )

  function begin(id: string): void {
    if (running.has(id)) return
    const work = inTurn(async () => {
      if (shutdown.aborted) return
      await save(deps, id, shutdown)
      await clearUp()
    })
      .catch((error) => logger.error({ err: error, saveId: id }, 'save'))
      .finally(() => running.delete(id))
    running.set(id, work)
  }

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
    async ended(): Promise<void> {
      await Promise.all(running.values())
    },
  }
}
