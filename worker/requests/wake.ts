import { nextWaiting } from '../../db/model-request-work'
import type { WorkerDeps } from '../deps'

/** Has some worker look at what a user's requests wait for. The pass over all of them is the net below it. */
export async function wakeRequests({ db, clock, queue }: WorkerDeps, userId: string): Promise<void> {
  const id = nextWaiting(db, userId, clock())
  if (id) await queue.add({ job: 'request', id })
}
