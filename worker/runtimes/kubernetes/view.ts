import { setTimeout as pause } from 'node:timers/promises'
import type { V1Pod } from '@kubernetes/client-node'
import { LaunchError } from '../../launch-errors'
import type { Cluster } from './cluster'
import { watchPods } from './pods'

/** One Pod, as the cluster says that it is now. */
export interface PodView {
  /** @throws what keeps it from being seen: it is gone, or the API does not answer */
  look(): V1Pod
  /** Returns once it is no longer as it was seen, or after a while. */
  change(seen: V1Pod, withinMs: number): Promise<void>
}

/** @param pod as it was made; the view ends with the signal */
export function viewPod(cluster: Cluster, pod: V1Pod, selector: string, signal: AbortSignal): PodView {
  let latest: V1Pod | undefined = pod
  let failure: unknown
  let changed = new AbortController()
  const change = () => {
    changed.abort()
    changed = new AbortController()
  }

  async function watch() {
    try {
      for await (const pods of watchPods(cluster, selector, signal)) {
        latest = pods.find(({ metadata }) => metadata?.uid === pod.metadata?.uid)
        change()
      }
    } catch (error) {
      failure = error
      change()
    }
  }
  void watch()

  return {
    look() {
      signal.throwIfAborted()
      if (failure) throw failure
      if (!latest) throw new LaunchError('service_exited', 'The Pod was deleted while it started.')
      return latest
    },
    async change(seen, withinMs) {
      if (failure || latest !== seen) return
      const either = AbortSignal.any([signal, changed.signal])
      await pause(withinMs, undefined, { signal: either }).catch(() => undefined)
    },
  }
}
