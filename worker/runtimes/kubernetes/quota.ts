import { setTimeout as pause } from 'node:timers/promises'
import type { LaunchPlan } from '../runtime'
import type { Cluster } from './cluster'
import { isOverQuota } from './failures'
import { listPods, listServices } from './pods'

/** How often it is tried again at most: others may have made room, or somebody raised the quota. */
const AGAIN_MS = 10_000

interface Waiting {
  plan: Pick<LaunchPlan, 'report'>
  /** What the Service of this machine is called. */
  name: string
  /** Labels of all that may be ahead in the queue. */
  rivals: string
  startTimeoutMs: number
  signal: AbortSignal
}

/**
 * Makes something that the namespace's quota may have no room for, again and again until it has.
 * @param make does no harm twice
 * @throws what making throws; of the quota only once the start timeout is over
 */
export async function onceInQuota<T>(
  cluster: Cluster,
  make: () => Promise<T>,
  { plan, name, rivals, startTimeoutMs, signal }: Waiting,
): Promise<T> {
  const giveUpAt = Date.now() + startTimeoutMs
  for (let place = 0; ; ) {
    try {
      return await make()
    } catch (error) {
      if (!isOverQuota(error) || Date.now() >= giveUpAt) throw error
      const before = place
      place = await placeInQueue(cluster, rivals, name)
      if (place !== before) plan.report(`Waiting for room in the quota, as number ${place}: ${error.message}`)
    }
    await pause(Math.min(AGAIN_MS, startTimeoutMs / 20), undefined, { signal }).catch(() => undefined)
    signal.throwIfAborted()
  }
}

/** Who waits for the quota has a Service and no Pod yet. */
async function placeInQueue(cluster: Cluster, rivals: string, name: string): Promise<number> {
  const [services, { items: pods }] = await Promise.all([
    listServices(cluster, rivals),
    listPods(cluster, rivals),
  ])
  const made = new Set(pods.map(({ metadata }) => metadata?.name))
  const since = new Map(
    services
      .filter(({ metadata }) => !made.has(metadata?.name))
      .map(({ metadata }) => [metadata?.name, metadata?.creationTimestamp?.getTime() ?? 0]),
  )
  // Where the quota counts Services too, it has none yet itself.
  const own = since.get(name) ?? Date.now()
  return [...since.values()].filter((other) => other < own).length + 1
}
