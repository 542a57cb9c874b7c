import { markActive } from '../../db/machine-activity'
import { letGo, listUnused, type UnusedMachine } from '../../db/machine-let-go'
import { isAtWork } from '../at-work'
import type { WorkerDeps } from '../deps'
import { turns } from '../turns'

const ASKED_AT_ONCE = 20

/**
 * Stops machines that were launched for requests and that none needs any more; one that gives no answer for as long
 * is not used either. Safe to run in several workers.
 */
export function letGoOfUnused(
  { db, clock, queue, requests: { idleMs } }: WorkerDeps,
  shutdown: AbortSignal,
): () => Promise<void> {
  const inTurn = turns(ASKED_AT_ONCE)
  let silentSince = new Map<string, number>()

  async function look({ machineId, services }: UnusedMachine, before: ReadonlyMap<string, number>) {
    const atWork = await isAtWork(services, shutdown)
    if (shutdown.aborted) return
    if (atWork) return markActive(db, machineId, clock)
    if (atWork === undefined) {
      const since = before.get(machineId) ?? clock()
      silentSince.set(machineId, since)
      if (clock() - since < idleMs) return
    }
    const stopped = letGo(db, machineId, idleMs, clock)
    if (stopped) await queue.add({ job: 'stop', ...stopped })
  }

  return async function pass() {
    const before = silentSince
    silentSince = new Map()
    const unused = listUnused(db, clock() - idleMs)
    await Promise.all(unused.map((machine) => inTurn(() => look(machine, before))))
  }
}
