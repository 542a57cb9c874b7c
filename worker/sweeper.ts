import { markGone } from '../db/machine-outcomes'
import { findMachine, type LiveMachine, listDue, listLive } from '../db/machine-upkeep'
import { deleteEndedSessions } from '../db/sessions'
import type { WorkerDeps } from './deps'
import { LaunchError } from './launch-errors'
import { wakeNext } from './wake-next'

/** What one pass may do at most; the rest waits for the next. */
const ACTIONS_MAX = 50

/**
 * Compares the database with the queue and the runtime, and mends what differs: what waits without a
 * job, what runs no longer, what runs though nothing says that it should. Safe to run in several workers.
 */
export function sweeper(deps: WorkerDeps, shutdown: AbortSignal): () => Promise<void> {
  let strangers = new Set<string>()

  return async function sweep() {
    const { db, clock, queue, machineLimits } = deps
    for (const { job, ...ref } of listDue(db, clock(), ACTIONS_MAX, machineLimits.inAll)) {
      // Redis is away: the same would happen to the others.
      if (!(await queue.add({ job, ...ref }))) break
    }
    strangers = await compareWithRuntime(deps, strangers, shutdown)
    deleteEndedSessions(db, clock)
  }
}

/** @returns what runs though it should not, to be ended if it is still there the next time */
async function compareWithRuntime(
  deps: WorkerDeps,
  seenBefore: ReadonlySet<string>,
  shutdown: AbortSignal,
): Promise<Set<string>> {
  const { db, clock, runtime, logger } = deps
  // The database first: a machine that starts in between is in the second list and not in the first,
  // and being seen twice is what keeps it from harm.
  const live = listLive(db)
  const present = await runtime.list()
  const strangers = new Set<string>()
  let actions = 0
  const mayAct = () => actions < ACTIONS_MAX && !shutdown.aborted

  for (const { machineId, attempt } of present) {
    if (isWanted(live.get(machineId), attempt)) continue
    const key = `${machineId}:${attempt}`
    strangers.add(key)
    if (!mayAct() || !seenBefore.has(key) || isWanted(findMachine(db, machineId), attempt)) continue
    actions++
    logger.warn({ machineId, attempt }, 'ending what runs though no machine says so')
    await runtime.stop(machineId)
  }

  for (const [machineId, { status, attempt, services }] of live) {
    if (status !== 'running' || !mayAct()) continue
    const alive = present.find(
      (running) => running.machineId === machineId && running.attempt === attempt,
    )?.services
    const missing = services.filter((service) => !alive?.includes(service))
    if (!missing.length) continue
    const row = findMachine(db, machineId)
    if (row?.status !== 'running' || row.attempt !== attempt) continue
    actions++
    // The rest of it goes first: once the machine has failed, it or its successor may be started.
    await runtime.stop(machineId)
    const { failure } = new LaunchError('service_gone', `No longer running: ${missing.join(', ')}.`)
    if (!markGone(db, { machineId, attempt }, failure, clock)) continue
    logger.warn({ machineId, attempt, missing }, 'machine stopped by itself')
    await wakeNext(deps)
  }
  return strangers
}

/** Whether something that runs is what the machine's row says should run, or soon will. */
const isWanted = (row: Pick<LiveMachine, 'status' | 'attempt'> | undefined, attempt: number) =>
  row?.attempt === attempt && ['starting', 'running', 'stopping'].includes(row.status)
