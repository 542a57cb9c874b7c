import { hostname } from 'node:os'
import { newId } from '../db/ids'
import { ifPossible } from '../db/open'
import { beat, signOff } from '../db/workers'
import type { WorkerDeps } from './deps'
import type { Job } from './queue'
import { redisAlarm } from './redis-alarm'
import { watchdog } from './watchdog'

/** A probe that went to so many other workers will not find its own. */
const HOPS_MAX = 20

type Probe = Extract<Job, { job: 'probe' }>

/** Says in the database that this worker lives and whether it takes jobs, and sees to it that it does. */
export function heart(deps: WorkerDeps, taking: { isFull(): boolean; reconnect(): void }) {
  const { db, queue, clock, installation, logger, timings } = deps
  const id = newId()
  const probe = () => queue.add({ job: 'probe', workerId: id, hops: 0 })
  const watch = watchdog({ ...taking, probe, clock, logger })
  const lookAtRedis = redisAlarm(deps)
  const beatNow = () =>
    beat(
      db,
      { id, host: hostname(), pid: process.pid, takesJobsAt: watch.takesJobsAt() },
      installation.keyring(),
      clock,
    )

  return {
    async beat(): Promise<void> {
      beatNow()
      await watch.look()
      await lookAtRedis()
    },

    /** For every job that the queue brings. */
    tookJob(): void {
      const wasProved = watch.takesJobsAt() > clock() - 2 * timings.beatEveryMs
      watch.tookJob()
      // Others wait to hear that it works, now or again.
      if (!wasProved) ifPossible(beatNow)
    },

    /** The queue gives a job to any worker: a probe that came to the wrong one is sent on. */
    async passOn({ workerId, hops }: Probe): Promise<void> {
      if (workerId !== id && hops < HOPS_MAX) await queue.add({ job: 'probe', workerId, hops: hops + 1 })
    },

    signOff: () => signOff(db, id),
  }
}
