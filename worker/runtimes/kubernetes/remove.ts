import type { V1Pod } from '@kubernetes/client-node'
import { LaunchError } from '../../launch-errors'
import { ask, type Cluster, tolerating } from './cluster'
import { isSelected } from './names'
import { listPods, listServices, watchPods } from './pods'

const PASSES_MAX = 10

export interface Removal {
  /** How long a Pod may take to end. */
  limitMs: number
  /** Looked at right before anything is ended; false leaves it as it is. */
  mayEnd(): boolean
  /**
   * Reads on while the Pod ends, as its output goes with it.
   * @returns once it is being read: what returns once all of it was
   */
  drain(pod: V1Pod): Promise<() => Promise<void>>
}

/**
 * Ends all that carries these labels, and returns once it is gone. Fine with nothing.
 * @throws LaunchError when a Pod does not end
 */
export async function removeAll(cluster: Cluster, selector: string, removal: Removal): Promise<void> {
  for (let passes = 1; removal.mayEnd(); passes++) {
    const [{ items: pods }, services] = await Promise.all([
      listPods(cluster, selector),
      listServices(cluster, selector),
    ])
    if (!pods.length && !services.length) return
    if (passes > PASSES_MAX)
      throw new LaunchError('runtime_unavailable', `The cluster did not remove what carries ${selector}.`)
    await Promise.all(pods.map((pod) => removePod(cluster, pod, selector, removal)))
    for (const { metadata } of services) {
      if (!removal.mayEnd()) return
      await removeSecret(cluster, metadata?.name ?? '', selector)
      const request = {
        namespace: cluster.namespace,
        name: metadata?.name ?? '',
        body: { preconditions: { uid: metadata?.uid } },
      }
      await tolerating(
        [404, 409],
        ask(() => cluster.api.deleteNamespacedService(request)),
      )
    }
  }
}

async function removePod(cluster: Cluster, pod: V1Pod, selector: string, removal: Removal): Promise<void> {
  if (!removal.mayEnd()) return
  const { name = '', uid, deletionTimestamp } = pod.metadata ?? {}
  // It had its time already: to wait again, or for what it prints, would keep all others waiting too.
  if (deletionTimestamp && Date.now() - deletionTimestamp.getTime() > removal.limitMs)
    throw new LaunchError('runtime_unavailable', whyStill(pod))
  const drained = await removal.drain(pod)
  if (!removal.mayEnd()) return
  const request = { namespace: cluster.namespace, name, body: { preconditions: { uid } } }
  // 409: another Pod has the name by now.
  await tolerating(
    [404, 409],
    ask(() => cluster.api.deleteNamespacedPod(request)),
  )
  try {
    await untilGone(cluster, pod, selector, removal)
  } finally {
    await drained()
  }
}

async function untilGone(
  cluster: Cluster,
  pod: V1Pod,
  selector: string,
  { limitMs, mayEnd }: Removal,
): Promise<void> {
  const limit = AbortSignal.timeout(limitMs)
  let latest: V1Pod | undefined = pod
  try {
    for await (const pods of watchPods(cluster, selector, limit)) {
      latest = pods.find(({ metadata }) => metadata?.uid === pod.metadata?.uid)
      if (!mayEnd() || !latest) return
    }
  } catch (error) {
    if (!limit.aborted) throw error
    throw new LaunchError('runtime_unavailable', whyStill(latest ?? pod))
  }
}

function whyStill({ metadata, spec }: V1Pod): string {
  const { name, finalizers = [] } = metadata ?? {}
  return finalizers.length
    ? `The Pod ${name} does not end: ${finalizers.join(', ')} among its finalizers holds it.`
    : `The Pod ${name} does not end. If its node ${spec?.nodeName ?? ''} is lost, delete the node, so that Kubernetes forgets the Pod.`
}

/** Only if it carries the labels: its name alone does not make it ours. */
async function removeSecret({ api, namespace }: Cluster, name: string, selector: string): Promise<void> {
  const secret = await tolerating(
    [404],
    ask(() => api.readNamespacedSecret({ namespace, name })),
  )
  if (!secret || !isSelected(secret.metadata?.labels ?? {}, selector)) return
  const body = { preconditions: { uid: secret.metadata?.uid } }
  await tolerating(
    [404, 409],
    ask(() => api.deleteNamespacedSecret({ namespace, name, body })),
  )
}
