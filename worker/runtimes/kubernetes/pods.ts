import { setTimeout as pause } from 'node:timers/promises'
import type { V1ListMeta, V1Pod, V1Service } from '@kubernetes/client-node'
import { ask, type Cluster, statusOf } from './cluster'
import { linesOf } from './lines'

const PAGE = 500
/** How soon to list again after a watch that ended early, and how late after many that did so at once. */
const AGAIN_MS = 100
const AGAIN_MAX_MS = 5000

interface Page<Item> {
  items: Item[]
  metadata?: V1ListMeta
}

/** All pages of a list; begun again when the place between two of them has expired. */
async function listAll<Item>(
  question: (page: { limit: number; _continue?: string }) => Promise<Page<Item>>,
  signal?: AbortSignal,
): Promise<{ items: Item[]; version: string }> {
  for (let items: Item[] = [], _continue: string | undefined; ; ) {
    try {
      const page = await ask(() => question({ limit: PAGE, ...(_continue && { _continue }) }), signal)
      items.push(...page.items)
      _continue = page.metadata?._continue
      if (!_continue) return { items, version: page.metadata?.resourceVersion ?? '' }
    } catch (error) {
      if (statusOf(error) !== 410 || !_continue) throw error
      items = []
      _continue = undefined
    }
  }
}

/** Pods with these labels, and the version at which they were so. */
export const listPods = ({ api, namespace }: Cluster, labelSelector: string, signal?: AbortSignal) =>
  listAll<V1Pod>((page) => api.listNamespacedPod({ namespace, labelSelector, ...page }), signal)

export const listServices = async ({ api, namespace }: Cluster, labelSelector: string) =>
  (await listAll<V1Service>((page) => api.listNamespacedService({ namespace, labelSelector, ...page }))).items

/**
 * Says which Pods with these labels there are: at once, after each change, and from time to time. Goes on
 * from a new list when the watch is cut off or its version is too old (410).
 * @throws what a list throws, and the signal's reason
 */
export async function* watchPods(
  cluster: Cluster,
  labelSelector: string,
  signal: AbortSignal,
): AsyncGenerator<V1Pod[], never> {
  for (let againMs = AGAIN_MS; ; againMs = Math.min(2 * againMs, AGAIN_MAX_MS)) {
    const { items, version } = await listPods(cluster, labelSelector, signal)
    const pods = new Map(items.map((pod) => [pod.metadata?.name, pod]))
    yield [...pods.values()]
    const resync = AbortSignal.timeout(cluster.resyncMs)
    try {
      for await (const { type, object } of eventsSince(cluster, labelSelector, version, [signal, resync])) {
        if (type === 'ERROR') break
        if (type === 'DELETED') pods.delete(object.metadata?.name)
        else pods.set(object.metadata?.name, object)
        againMs = AGAIN_MS
        yield [...pods.values()]
      }
    } catch (error) {
      if ([401, 403].includes(statusOf(error) ?? 0)) throw error
      // Whatever else it was, the list says how things are, or why it can't.
    }
    signal.throwIfAborted()
    if (!resync.aborted) await pause(againMs, undefined, { signal }).catch(() => undefined)
  }
}

async function* eventsSince(
  cluster: Cluster,
  labelSelector: string,
  resourceVersion: string,
  signals: AbortSignal[],
): AsyncGenerator<{ type: string; object: V1Pod }> {
  const query = { watch: 'true', labelSelector, resourceVersion }
  const stream = await cluster.stream('pods', query, AbortSignal.any(signals))
  try {
    for await (const lines of linesOf(stream))
      for (const line of lines) yield JSON.parse(Buffer.from(line, 'latin1').toString())
  } finally {
    stream.destroy()
  }
}
