import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { measureSoon } from '../../db/disk-usage'
import { expireRequests, forgetRequests, listKeptResults } from '../../db/model-request-keeping'
import { removeResults, requestOfFolder, resultsOfUser } from '../../result-files'
import type { WorkerDeps } from '../deps'

/** What one pass may do at most of each; the rest waits for the next. */
const PASS_MAX = 50
/** How often to look for files that nobody told of. */
const CLEAR_UP_EVERY_MS = 10 * 60_000

/** Removes what is old, and what no request needs. Safe to run in several workers. */
export function keepRequests({ db, clock, dataDir, requests: { keptMs } }: WorkerDeps): () => Promise<void> {
  let clearUpAt = 0
  return async function pass() {
    for (const old of expireRequests(db, { keptMs, limit: PASS_MAX, clock }))
      await removeResults(dataDir, { userId: old.userId, requestId: old.id })
    forgetRequests(db, { limit: PASS_MAX, clock })
    if (clock() < clearUpAt) return
    clearUpAt = clock() + CLEAR_UP_EVERY_MS
    for (const userId of await readdir(join(dataDir, 'results')).catch(() => []))
      await removeLeftovers(userId)
  }

  async function removeLeftovers(userId: string) {
    // Listed before the rows are read: what is there has had a row.
    const folder = resultsOfUser(dataDir, userId)
    const names = await readdir(folder).catch(() => [])
    const kept = listKeptResults(db, userId)
    const leftovers = names.filter((name) => !kept.has(requestOfFolder(name) ?? '')).slice(0, PASS_MAX)
    for (const name of leftovers) await rm(join(folder, name), { recursive: true, force: true })
    if (leftovers.length) measureSoon(db, userId)
  }
}
