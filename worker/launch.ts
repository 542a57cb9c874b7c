import { type Claim, claimLaunch, holds, releaseLease } from '../db/machine-claims'
import { addMachineEvent } from '../db/machine-events'
import { markFailed, markRunning, markWaiting, recordTokens } from '../db/machine-outcomes'
import type { LaunchRef } from '../db/machine-requests'
import type { Machine } from '../db/machine-states'
import { isBusy } from '../db/open'
import { UnsealError } from '../db/sealing'
import { providersOf } from '../providers/registry'
import { scrub } from '../scrub'
import { untilAbandoned } from './abandon'
import type { WorkerDeps } from './deps'
import { asLaunchError, LaunchError } from './launch-errors'
import { keepLease, type Lease, LeaseEnded } from './lease'
import { type TokenOpener, tokenOpener } from './open-tokens'
import { restoreWorkspace } from './saves/restore'
import { buildSnapshot } from './snapshot'
import { finishStop } from './stop'
import { wakeNext } from './wake-next'

const TRIES_MAX = 4

/** Tells BullMQ when to come back; its message is all that Redis learns of the failure. */
export class TryAgain extends Error {
  override name = 'TryAgain'
  constructor(
    errorClass: string,
    readonly afterMs: number,
  ) {
    super(errorClass)
  }
}

/**
 * The launch of one attempt, from claim to running or failed. Called again after any crash it goes on
 * where the last one was; called too often or too late it does nothing.
 * @throws TryAgain after a failure that may pass; LaunchError after one that will not
 */
export async function launch(deps: WorkerDeps, ref: LaunchRef, shutdown: AbortSignal): Promise<void> {
  const { inAll } = deps.machineLimits
  const claimed = claimLaunch(deps.db, ref, { leaseMs: deps.timings.leaseMs, inAll, clock: deps.clock })
  if (!claimed) return
  const { claim, machine } = claimed
  const lease = keepLease(deps, claim, shutdown)
  const opener = tokenOpener(deps)
  try {
    // More claims than failures may use up: the others ended in crashes.
    if (machine.tries > TRIES_MAX + 1) throw new LaunchError('worker_lost', `Claimed ${machine.tries} times.`)
    await run(deps, claim, machine, lease, opener)
  } catch (error) {
    // After a sleep what runs may be another worker's, and no failure of this one is a reason to end it.
    await giveUp(deps, claim, machine, lease.stillMine() ? error : lease.signal.reason, opener.secrets)
  } finally {
    lease.end()
    opener.letGo()
  }
}

async function run(deps: WorkerDeps, claim: Claim, machine: Machine, lease: Lease, opener: TokenOpener) {
  const { db, clock, runtime, logger } = deps
  const size = deps.machineSizes.find(({ name }) => name === machine.size)
  if (!size)
    throw new LaunchError('size_unavailable', `No size is called ${machine.size} in MACHINES_CONFIG.`)
  const tokens = takeTokens(opener, machine)
  const takenAt = recordTokens(db, claim, tokens, clock)
  if (takenAt === undefined) throw new LeaseEnded('lost')
  const snapshot = buildSnapshot({
    machine,
    services: runtime.services,
    tokens,
    takenAt,
    settings: deps.forServices,
  })
  if (!snapshot.length) throw new LaunchError('not_set_up', `No command is set for a ${machine.kind}.`)
  const plan = {
    machineId: machine.id,
    attempt: machine.attempt,
    userId: machine.userId,
    workspaceId: machine.workspaceId,
    size,
    snapshot,
    secrets: opener.secrets,
    stillMine: lease.stillMine,
    report: (text: string) => addMachineEvent(db, machine.id, text, clock()),
  }
  await untilAbandoned(restoreWorkspace(deps, machine, lease, plan.report), lease.signal)
  const services = await untilAbandoned(runtime.start(plan, lease.signal), lease.signal)
  if (!markRunning(db, claim, services, clock, deps.machineLimits.sessionMs)) {
    lease.stillMine()
    throw new LeaseEnded('lost')
  }
  logger.info({ machineId: machine.id, attempt: machine.attempt }, 'machine is running')
}

function takeTokens(opener: TokenOpener, { userId, kind }: Machine) {
  try {
    return opener.open(userId, providersOf(kind))
  } catch (error) {
    if (error instanceof UnsealError) throw new LaunchError('token_unreadable', error.message)
    throw error
  }
}

async function giveUp(
  deps: WorkerDeps,
  claim: Claim,
  machine: Machine,
  error: unknown,
  secrets: readonly string[],
) {
  const { db, clock, runtime, logger } = deps
  if (error instanceof LeaseEnded) {
    // Whoever took over owns what runs now. After a shutdown the next worker adopts it.
    if (error.end === 'shutdown') releaseLease(db, claim)
    if (error.end === 'stop') await finishStop(deps, claim)
    return
  }
  if (isBusy(error)) {
    // Nothing is wrong with what runs: the next try takes it over.
    releaseLease(db, claim)
    throw new TryAgain('database_busy', 1000)
  }
  const reason = asLaunchError(error)
  const failure = { ...reason.failure, detail: scrub(reason.detail, secrets) }
  logger.warn(
    { machineId: machine.id, attempt: machine.attempt, errorClass: failure.errorClass },
    'launch failed',
  )
  // Where the runtime doesn't answer, the sweeper ends what is left once it does.
  await runtime
    .stop(machine.id, () => holds(db, claim))
    .catch((error) => logger.warn({ err: error }, 'could not clean up'))
  if (reason.retryable && machine.tries < TRIES_MAX) {
    const delay = deps.timings.retryDelayMs(machine.tries)
    if (markWaiting(db, claim, failure, clock() + delay, clock)) {
      await wakeNext(deps)
      throw new TryAgain(failure.errorClass, delay)
    }
  } else if (markFailed(db, claim, failure, clock)) {
    await wakeNext(deps)
    throw new LaunchError(reason.errorClass, '')
  }
  // Neither held: somebody asked for a stop in the meantime, and this worker still has the lease.
  await finishStop(deps, claim)
}
