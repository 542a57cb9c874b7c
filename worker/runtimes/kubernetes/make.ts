import { setTimeout as pause } from 'node:timers/promises'
import type { V1ObjectMeta, V1OwnerReference, V1Pod } from '@kubernetes/client-node'
import { LaunchError } from '../../launch-errors'
import { ask, type Cluster, tolerating } from './cluster'
import { podFailure } from './failures'
import { anchorOf, type MachineParts, podManifest, secretManifest, serviceManifest } from './manifest'
import { LABEL, labelsOf, nameOf } from './names'

const TRIES_MAX = 6
const AGAIN_MS = 200

interface Making {
  /** @throws when another worker has taken over */
  assertMine(): void
  /** Ends what an earlier try of the attempt made. */
  clear(): Promise<void>
  signal: AbortSignal
}

/**
 * Makes the attempt's Service, then its Secret and its Pod, which belong to the Service: what a worker makes
 * too late, after somebody has ended the attempt, Kubernetes removes. Takes over what an earlier try made,
 * unless it has ended or has another snapshot.
 */
export async function ensurePod(cluster: Cluster, parts: MachineParts, making: Making): Promise<V1Pod> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const pod = await makeOrAdopt(cluster, parts, making)
    if (pod === 'outdated') await making.clear()
    else if (pod !== 'gone') return pod
    await pause(AGAIN_MS, undefined, { signal: making.signal }).catch(() => undefined)
    making.signal.throwIfAborted()
  }
  throw new LaunchError('runtime_unavailable', `The Pod ${nameOf(parts.owner)} was removed again and again.`)
}

async function makeOrAdopt(
  { api, namespace }: Cluster,
  parts: MachineParts,
  { assertMine }: Making,
): Promise<V1Pod | 'outdated' | 'gone'> {
  const named = { namespace, name: nameOf(parts.owner) }

  /** @returns what is there by that name now; undefined when it went in between */
  async function ensure<T extends { metadata?: V1ObjectMeta }>(
    kind: string,
    create: () => Promise<T>,
    read: () => Promise<T>,
  ): Promise<T | undefined> {
    assertMine()
    // Awaited whatever happens, and without the signal: one that came after the clean-up would stay.
    const found = (await tolerating([409], ask(create))) ?? (await tolerating([404], ask(read)))
    if (found) assertOurs(kind, found.metadata, parts)
    return found
  }

  const service = await ensure(
    'Service',
    () => api.createNamespacedService({ namespace, body: serviceManifest(parts) }),
    () => api.readNamespacedService(named),
  )
  if (!service) return 'gone'
  const anchor = anchorOf(service)
  const wanted = secretManifest(parts, anchor)
  const secret = await ensure(
    'Secret',
    () => api.createNamespacedSecret({ namespace, body: wanted }),
    () => api.readNamespacedSecret(named),
  )
  if (!secret) return 'gone'
  if (!belongsTo(secret.metadata, anchor) || !isEqual(secret.data ?? {}, wanted.data ?? {})) return 'outdated'
  const pod = await ensure(
    'Pod',
    () => api.createNamespacedPod({ namespace, body: podManifest(parts, anchor) }),
    () => api.readNamespacedPod(named),
  )
  if (!pod) return 'gone'
  return belongsTo(pod.metadata, anchor) && !podFailure(pod) ? pod : 'outdated'
}

const belongsTo = (metadata: V1ObjectMeta | undefined, { uid }: V1OwnerReference) =>
  metadata?.ownerReferences?.some((owner) => owner.uid === uid) ?? false

function isEqual(one: Record<string, string>, other: Record<string, string>): boolean {
  const entries = Object.entries(one)
  return (
    entries.length === Object.keys(other).length &&
    entries.every(([name, value]) => Object.hasOwn(other, name) && other[name] === value)
  )
}

/** @throws LaunchError when what has our name doesn't carry our labels */
function assertOurs(kind: string, metadata: V1ObjectMeta | undefined, { owner }: MachineParts): void {
  const labels = new Map(Object.entries(metadata?.labels ?? {}))
  if (Object.entries(labelsOf(owner)).every(([label, value]) => labels.get(label) === value)) return
  const whose = labels.get(LABEL.installation) ?? 'nobody that Slipway knows'
  throw new LaunchError(
    'name_taken',
    `The ${kind} ${metadata?.name} belongs to ${whose}. Remove or rename it.`,
  )
}
