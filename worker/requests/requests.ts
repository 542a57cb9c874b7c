import { type ClaimedRequest, claimUnsettled, takeOverRequest } from '../../db/model-request-claims'
import { placeRequests } from '../../db/model-request-places'
import { findRequest, listForsaken, listWaitingUsers } from '../../db/model-request-work'
import { isBusy } from '../../db/open'
import type { WorkerDeps } from '../deps'
import { passedChecks } from './passed-checks'
import { serve } from './serve'
import { settle } from './settle'
import type { RequestTools } from './tools'

/** How many run in this worker at once; they mostly wait for ComfyUI. */
const AT_ONCE = 64

/** Runs requests to models, beside the launches. The rows are the truth: a job only says whose to look at. */
export function modelRequests(deps: WorkerDeps, tools: RequestTools, shutdown: AbortSignal) {
  const { db, clock, logger, timings, queue } = deps
  const running = new Map<string, Promise<void>>()
  const held = { leaseMs: timings.leaseMs, clock }
  const checks = passedChecks(clock)
  const free = () => (shutdown.aborted ? 0 : AT_ONCE - running.size)

  const begin = (id: string, userId: string, work: () => Promise<void>) => {
    const wasFull = free() === 1
    const one = work()
      .catch((error) => logger.error({ err: error, requestId: id }, 'request'))
      .finally(() => {
        running.delete(id)
        // With room again, others than its own user's may have waited for it.
        unlessBusy(() => (wasFull ? placeAll() : placeFor(userId)))
      })
    running.set(id, one)
  }
  const beginServing = (claimed: ClaimedRequest) =>
    begin(claimed.request.id, claimed.request.userId, () => serve(deps, { tools, checks }, claimed, shutdown))

  /** Takes on what of one user can begin now. */
  function placeFor(userId: string): void {
    if (free() <= 0) return
    const { claimed, launched, failed } = placeRequests(db, userId, { ...deps, ...held, max: free() })
    for (const one of claimed) beginServing(one)
    for (const errorClass of failed)
      deps.metrics.modelRequests.inc({ result: 'failed', error_class: errorClass })
    for (const { launch, stop } of launched) {
      logger.info({ machineId: launch.machineId }, 'launching a machine for requests')
      if (stop) void queue.add({ job: 'stop', ...stop })
      void queue.add({ job: 'launch', ...launch })
    }
  }

  function placeAll(): void {
    for (const userId of listWaitingUsers(db, clock())) unlessBusy(() => placeFor(userId))
  }

  function goOn(id: string): void {
    if (running.has(id) || free() <= 0) return
    const claimed = takeOverRequest(db, id, held)
    if (claimed) beginServing(claimed)
  }

  function beginSettling(id: string): void {
    const userId = findRequest(db, id)?.userId
    if (!userId || running.has(id) || free() <= 0 || !claimUnsettled(db, id, held)) return
    begin(id, userId, () => settle(deps, tools, id))
  }

  /** What goes wrong with one is no reason not to look at the others; all of it comes again with the next pass. */
  function unlessBusy(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!isBusy(error)) logger.error({ err: error }, 'requests')
    }
  }

  return {
    /** Looks at a request, and at what its caller has waiting. */
    begin(id: string): void {
      const request = findRequest(db, id)
      if (!request) return
      unlessBusy(() => {
        if (request.status === 'in_progress') goOn(id)
        else if (request.unsettled) beginSettling(id)
        placeFor(request.userId)
      })
    },

    /** Begins what is due though no job came for it. */
    async pass(): Promise<void> {
      const { lapsed, unsettled } = listForsaken(db, clock(), AT_ONCE)
      for (const id of lapsed) unlessBusy(() => goOn(id))
      for (const id of unsettled) unlessBusy(() => beginSettling(id))
      placeAll()
    },

    /** Settles when nothing of it runs any more. */
    async ended(): Promise<void> {
      await Promise.all(running.values())
    },
  }
}
