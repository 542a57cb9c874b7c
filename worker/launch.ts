import { together } from '../db/commit-together'
import { findAttempt } from '../db/launch-attempts'
import { type Claim, claimLaunch, holds, releaseLease } from '../db/machine-claims'
import { markFailed, markRunning, markWaiting } from '../db/machine-outcomes'
import type { LaunchRef } from '../db/machine-requests'
import type { Machine } from '../db/machine-states'
import { recordTokens } from '../db/machine-tokens'
import { isBusy } from '../db/open'
import { UnsealError } from '../db/sealing'
import { limitsOf } from '../db/user-limits'
import { sessionLength } from '../machine-settings'
import { gpusOf } from '../machine-sizes'
import { providersOf } from '../providers/registry'
import { scrub } from '../scrub'
import { inSpan, type Span } from '../telemetry/tracing'
import { untilAbandoned } from './abandon'
import type { WorkerDeps } from './deps'
import { asLaunchError, LaunchError } from './launch-errors'
import { keepLease, type Lease, LeaseEnded } from './lease'
import { type TokenOpener, tokenOpener } from './open-tokens'
import { wakeRequests } from './requests/wake'
import { restoreWorkspace } from './saves/restore'
import { buildSnapshot, type Snapshot } from './snapshot'
import { finishStop } from './stop'
import { type Timeline, timeline } from './timeline'
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
export async function launch(all: WorkerDeps, ref: LaunchRef, shutdown: AbortSignal): Promise<void> {
  const { inAll } = all.machineLimits
  const attempt = findAttempt(all.db, ref)
  const rules = { leaseMs: all.timings.leaseMs, inAll, clock: all.clock }
  const claimed = await together(all.db, (tx) => claimLaunch(tx, ref, rules))
  if (!claimed) return
  const { machine } = claimed
  const requestId = attempt?.requestId ?? undefined
  const deps = { ...all, logger: all.logger.child({ requestId, ...ref }) }
  deps.metrics.launchClaims.inc()
  deps.logger.info({ tries: machine.tries }, 'launch begins')
  const lease = keepLease(deps, claimed.claim, shutdown)
  const opener = tokenOpener(deps, 'launch')
  const span = deps.tracing?.goOn(requestId ?? `${ref.machineId}.${ref.attempt}`, 'launch', {
    'slipway.machine': ref.machineId,
    'slipway.attempt': ref.attempt,
    'slipway.tries': machine.tries,
  })
  const work: Work = {
    ...claimed,
    requestId,
    askedAt: attempt?.startedAt,
    lease,
    opener,
    span,
    events: timeline(deps, ref.machineId),
  }
  try {
    // More claims than failures may use up: the others ended in crashes.
    if (machine.tries > TRIES_MAX + 1) throw new LaunchError('worker_lost', `Claimed ${machine.tries} times.`)
    await run(deps, work)
    span?.end()
  } catch (error) {
    // After a sleep what runs may be another worker's, and no failure of this one is a reason to end it.
    const reason = lease.stillMine() ? error : lease.signal.reason
    span?.end(reason)
    work.events.flush()
    await giveUp(deps, work, reason)
  } finally {
    work.events.end()
    lease.end()
    opener.letGo()
  }
}

interface Work {
  claim: Claim
  machine: Machine
  /** What asked for it, and when. */
  requestId: string | undefined
  askedAt: number | undefined
  lease: Lease
  opener: TokenOpener
  span: Span | undefined
  events: Timeline
}

async function run(deps: WorkerDeps, work: Work) {
  const { db, clock, runtime, logger, metrics } = deps
  const { claim, machine, lease, opener, events } = work
  const size = deps.machineSizes.find(({ name }) => name === machine.size)
  if (!size)
    throw new LaunchError('size_unavailable', `No size is called ${machine.size} in MACHINES_CONFIG.`)
  const snapshot = await inSpan(work.span, 'snapshot', {}, () => takeSnapshot(deps, work))
  const plan = {
    machineId: machine.id,
    attempt: machine.attempt,
    userId: machine.userId,
    workspaceId: machine.workspaceId,
    size,
    snapshot,
    secrets: opener.secrets,
    requestId: work.requestId,
    isFirstTry: claim.fence === 1,
    stillMine: lease.stillMine,
    report: events.report,
  }
  await untilAbandoned(restoreWorkspace(deps, machine, lease, plan.report), lease.signal)
  const services = await inSpan(work.span, 'runtime start', {}, (span) =>
    untilAbandoned(runtime.start({ ...plan, span }, lease.signal), lease.signal),
  )
  const { sessionMs } = limitsOf(db, machine.userId, deps.machineLimits)
  const length = sessionLength(machine.sessionMs, sessionMs)
  const run = { sessionMs: length, gpus: gpusOf(size) }
  const isRunning = await events.writeWith((before) =>
    together(db, (tx) => markRunning(tx, claim, services, clock, { ...run, before })),
  )
  if (!isRunning) {
    lease.stillMine()
    throw new LeaseEnded('lost')
  }
  metrics.launches.inc({ result: 'running', error_class: '' })
  metrics.launchSeconds.observe((clock() - (work.askedAt ?? machine.createdAt)) / 1000)
  logger.info('machine is running')
  await wakeRequests(deps, machine.userId)
}

async function takeSnapshot(deps: WorkerDeps, { claim, machine, opener }: Work): Promise<Snapshot> {
  const tokens = takeTokens(opener, machine)
  const takenAt = await together(deps.db, (tx) => recordTokens(tx, claim, tokens, deps.clock))
  if (takenAt === undefined) throw new LeaseEnded('lost')
  const { services } = deps.runtime
  const snapshot = buildSnapshot({ machine, services, tokens, takenAt, settings: deps.forServices })
  if (!snapshot.length) throw new LaunchError('not_set_up', `No command is set for a ${machine.kind}.`)
  return snapshot
}

function takeTokens(opener: TokenOpener, { userId, kind }: Machine) {
  try {
    return opener.open(userId, providersOf(kind))
  } catch (error) {
    if (error instanceof UnsealError) throw new LaunchError('token_unreadable', error.message)
    throw error
  }
}

async function giveUp(deps: WorkerDeps, { claim, machine, opener }: Work, error: unknown) {
  const { db, clock, runtime, logger, metrics } = deps
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
  const failure = { ...reason.failure, detail: scrub(reason.detail, opener.secrets) }
  const { errorClass } = failure
  logger.warn({ errorClass }, 'launch failed')
  // Where the runtime doesn't answer, the sweeper ends what is left once it does.
  await runtime
    .stop(machine.id, () => holds(db, claim))
    .catch((error) => logger.warn({ err: error }, 'could not clean up'))
  if (reason.retryable && machine.tries < TRIES_MAX) {
    const delay = deps.timings.retryDelayMs(machine.tries)
    if (markWaiting(db, claim, failure, clock() + delay, clock)) {
      metrics.launchRetries.inc({ error_class: errorClass })
      await wakeNext(deps)
      throw new TryAgain(errorClass, delay)
    }
  } else if (markFailed(db, claim, failure, clock)) {
    metrics.launches.inc({ result: 'failed', error_class: errorClass })
    await wakeNext(deps)
    await wakeRequests(deps, machine.userId)
    throw new LaunchError(reason.errorClass, '')
  }
  // Neither held: somebody asked for a stop in the meantime, and this worker still has the lease.
  await finishStop(deps, claim)
}
