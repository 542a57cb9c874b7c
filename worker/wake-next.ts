import { listNext } from '../db/machine-queue'
import type { WorkerDeps } from './deps'

/** Where room is limited: wakes whoever may start now that something has ended. The sweeper is the net below it. */
export async function wakeNext({ db, clock, queue, machineLimits: { inAll } }: WorkerDeps): Promise<void> {
  if (inAll === undefined) return
  for (const ref of listNext(db, inAll, clock())) {
    // Redis is away: the same would happen to the others.
    if (!(await queue.add({ job: 'launch', ...ref }))) return
  }
}
