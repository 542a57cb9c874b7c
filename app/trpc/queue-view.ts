import { queueDepth } from '../../db/queue-depth'
import { listWorkers } from '../../db/workers'
import type { Context } from './context'
import { iso } from './iso'

/** The queue and the workers, as an administrator sees them. */
export async function queueView({ db, queue, clock, installation }: Context) {
  const { waitingSince, ...depth } = queueDepth(db, clock)
  const [{ id: sealingKey }] = installation.keyring()
  return {
    ...depth,
    waitingSince: iso(waitingSince),
    redisFaults: await queue.faults(),
    workers: listWorkers(db, clock).map(({ startedAt, beatAt, takesJobsAt, keyIds, ...worker }) => ({
      ...worker,
      startedAt: iso(startedAt),
      beatAt: iso(beatAt),
      /** Null until the queue brought it a job. */
      takesJobsAt: takesJobsAt ? iso(takesJobsAt) : null,
      keyIds: keyIds.split(' ').filter(Boolean),
      /** Whether it seals with the key that this server seals with. */
      hasSealingKey: keyIds.split(' ')[0] === sealingKey,
    })),
  }
}
