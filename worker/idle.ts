import {
  IDLE_WARNING_MS,
  listQuiet,
  markActive,
  type QuietMachine,
  stopIdle,
  warnOfIdleStop,
} from '../db/machine-activity'
import { isAtWork } from './at-work'
import type { WorkerDeps } from './deps'

/** How often a machine is asked what it does, and how many are asked at once. */
const ASK_EVERY_MS = 60_000
const ASKED_AT_ONCE = 20

/**
 * Stops machines that nobody uses, after an announcement. Browsers' traffic was written down by the web
 * process; what a machine does by itself, it is asked. One that gives no answer is left alone.
 */
export function idleStops(deps: WorkerDeps, shutdown: AbortSignal): () => Promise<void> {
  const { db, clock, queue, machineLimits } = deps
  const { idleMs } = machineLimits
  let askedAt = new Map<string, number>()

  async function look(machine: QuietMachine, limitMs: number) {
    const atWork = await isAtWork(machine.services, shutdown)
    if (shutdown.aborted || atWork === undefined) return
    if (atWork) return markActive(db, machine.machineId, clock)
    const now = clock()
    const { activeAt, idleWarnedAt } = machine
    if (idleWarnedAt === null) {
      if (activeAt + limitMs - IDLE_WARNING_MS <= now) warnOfIdleStop(db, machine, clock)
    } else if (idleWarnedAt + IDLE_WARNING_MS <= now) {
      const stopped = stopIdle(db, machine, limitMs, clock)
      if (stopped) await queue.add({ job: 'stop', ...stopped })
    }
  }

  return async function pass() {
    if (idleMs === undefined) return
    const now = clock()
    const quiet = listQuiet(db, now - ASK_EVERY_MS)
    const before = askedAt
    askedAt = new Map(quiet.map(({ machineId }) => [machineId, before.get(machineId) ?? 0]))
    const due = quiet
      .filter(({ machineId }) => (askedAt.get(machineId) ?? 0) <= now - ASK_EVERY_MS)
      .sort((one, other) => (askedAt.get(one.machineId) ?? 0) - (askedAt.get(other.machineId) ?? 0))
      .slice(0, ASKED_AT_ONCE)
    for (const { machineId } of due) askedAt.set(machineId, now)
    await Promise.all(due.map((machine) => look(machine, idleMs)))
  }
}
