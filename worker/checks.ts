import { listOpenModelChecks } from '../db/model-checks'
import { listDueTokenChecks } from '../db/token-checks'
import type { WorkerDeps } from './deps'
import { checkModel } from './model-checks'
import type { Job } from './queue'
import { checkSavedToken } from './token-checks'
import { turns } from './turns'

/** What one pass may begin at most; the rest waits for the next. */
const PASS_MAX = 20
const AT_ONCE = 4
/** A question this young has a job of its own; of one this old nobody waits for the answer. */
const QUESTION_AGE_MS = { from: 3000, to: 60_000 }

export type CheckJob = Extract<Job, { job: 'check-token' | 'check-model' }>

/**
 * Asks issuers about tokens and models, a few at a time, and beside the launches: an issuer that keeps
 * silent must not hold one up.
 */
export function issuerChecks(deps: WorkerDeps, shutdown: AbortSignal) {
  const { db, clock, issuers, logger } = deps
  const inTurn = turns(AT_ONCE)
  const running = new Set<Promise<void>>()

  function begin(job: CheckJob): Promise<void> {
    const work = inTurn(async () => {
      if (!issuers || shutdown.aborted) return
      if (job.job === 'check-model') await checkModel(deps, issuers, job.id, shutdown)
      else await checkSavedToken(deps, issuers, job, shutdown)
    }).catch((error) => logger.error({ err: error, job: job.job }, 'check'))
    running.add(work)
    return work.finally(() => running.delete(work))
  }

  return {
    begin,

    /** Does what is due though no job came for it, and returns when that is done. */
    async pass(): Promise<void> {
      if (!issuers) return
      const now = clock()
      const asked = { from: now - QUESTION_AGE_MS.to, to: now - QUESTION_AGE_MS.from }
      const models = listOpenModelChecks(db, { ...asked, limit: PASS_MAX }, clock)
      const tokens = listDueTokenChecks(db, now, PASS_MAX)
      await Promise.all([
        ...models.map((id) => begin({ job: 'check-model', id })),
        ...tokens.map((ref) => begin({ job: 'check-token', ...ref })),
      ])
    },

    /** Settles when nothing of it runs any more. */
    async ended(): Promise<void> {
      await Promise.all(running)
    },
  }
}
