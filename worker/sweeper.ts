import { deleteEndedDeviceGrants } from '../db/device-grants'
import { deleteOldDownloads } from '../db/downloads'
import { markGone, markMoved } from '../db/machine-outcomes'
import { findMachine } from '../db/machine-states'
import { type LiveMachine, listDue, listLive } from '../db/machine-upkeep'
import { deleteEndedSessions } from '../db/sessions'
import type { WorkerDeps } from './deps'
import { giveUpHung } from './hung-launches'
import { asLaunchError, LaunchError } from './launch-errors'
import { logRetention } from './logs/retention'
import { wakeNext } from './wake-next'

/** What one pass may do at most; the rest waits for the next. */
const ACTIONS_MAX = 50

/**
 * Compares the database with the queue and the runtime, and mends what differs: what waits without a
 * job, what runs no longer, what runs though nothing says that it should. Safe to run in several workers.
 * @param beginStop ends a machine that is to be stopped, unless somebody is about to
 */
export function sweeper(
  deps: WorkerDeps,
  shutdown: AbortSignal,
  beginStop: (machineId: string) => void,
): () => Promise<void> {
  let strangers = new Set<string>()
  const removeOldLogs = logRetention(deps.db, deps.clock, deps.logs)

  return async function sweep() {
    const { db, clock, queue, machineLimits } = deps
    const due = listDue(db, clock(), ACTIONS_MAX, machineLimits.inAll)
    // Not by the queue: with all places taken by launches, what makes room for them would wait behind them.
    for (const { job, machineId } of due) if (job === 'stop') beginStop(machineId)
    for (const { job, ...ref } of due) {
      // Redis is away: the same would happen to the others.
      if (job === 'launch' && !(await queue.add({ job, ...ref }))) break
    }
    giveUpHung(deps)
    deleteEndedSessions(db, clock)
    deleteEndedDeviceGrants(db, clock)
    deleteOldDownloads(db, clock)
    await removeOldLogs()
    strangers = await compareWithRuntime(deps, strangers, shutdown)
  }
}

/** @returns what runs though it should not, to be ended if it is still there the next time */
async function compareWithRuntime(
  deps: WorkerDeps,
  seenBefore: ReadonlySet<string>,
  shutdown: AbortSignal,
): Promise<Set<string>> {
  const { db, clock, runtime, logger, metrics } = deps
  // The database first: a machine that starts in between is in the second list and not in the first,
  // and being seen twice is what keeps it from harm.
  const live = listLive(db)
  const present = await runtime.list()
  const strangers = new Set<string>()
  let actions = 0
  const mayAct = () => actions < ACTIONS_MAX && !shutdown.aborted
  const end = async (machineId: string, mayEnd: () => boolean) => {
    try {
      await runtime.stop(machineId, mayEnd)
      return true
    } catch (error) {
      // Without an Engine the same would happen to the others.
      if (asLaunchError(error).errorClass === 'engine_unreachable') throw error
      logger.error({ err: error, machineId }, 'could not be ended')
      return false
    }
  }

  for (const { machineId, attempt } of present) {
    if (isWanted(live.get(machineId))) continue
    const key = `${machineId}:${attempt}`
    strangers.add(key)
    const mayEnd = () => !isWanted(findMachine(db, machineId))
    if (!mayAct() || !seenBefore.has(key) || !mayEnd()) continue
    actions++
    logger.warn({ machineId, attempt }, 'ending what runs though no machine says so')
    if (await end(machineId, mayEnd)) metrics.found('stray')
  }

  for (const [machineId, { status, attempt, services }] of live) {
    if (status !== 'running' || !mayAct()) continue
    const found = present.find((running) => running.machineId === machineId && running.attempt === attempt)
    const missing = services.filter(({ name }) => !found?.services.includes(name)).map(({ name }) => name)
    if (!missing.length) {
      const moved = found?.addresses?.filter(({ name, address }) =>
        services.some((known) => known.name === name && known.address !== address),
      )
      if (moved?.length && markMoved(db, { machineId, attempt }, moved, clock)) metrics.found('moved')
      continue
    }
    const mayEnd = () => {
      const row = findMachine(db, machineId)
      return row?.status === 'running' && row.attempt === attempt
    }
    if (!mayEnd()) continue
    actions++
    // The rest of it goes first: once the machine has failed, it or its successor may be started.
    if (!(await end(machineId, mayEnd))) continue
    const detail = `No longer running: ${missing.join(', ')}. ${found?.why ?? ''}`.trim()
    const { failure } = new LaunchError('service_gone', detail)
    if (!markGone(db, { machineId, attempt }, failure, clock)) continue
    metrics.found('gone')
    logger.warn({ machineId, attempt, missing }, 'machine stopped by itself')
    await wakeNext(deps)
  }
  return strangers
}

/**
 * Whether the machine's row says that something of it should run, or soon will. What an earlier attempt left
 * is the business of the one that starts now: whoever ended that from here might end both.
 */
const isWanted = (row: Pick<LiveMachine, 'status'> | undefined) =>
  row !== undefined && ['starting', 'running', 'stopping'].includes(row.status)
