import type { KubeObject, Pod } from './objects'
import { PODS, type Resource } from './resources'
import { conflict } from './statuses'
import { type Store, timestamp } from './store'

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
}

const DEFAULT_GRACE_SECONDS = 30
const FOREGROUND = 'foregroundDeletion'

/**
 * Begins a deletion as the API server does: at once, unless a kubelet has to end the Pod first or a finalizer
 * holds it.
 * @throws StatusError 404, or 409 when a precondition isn't met
 */
export function deleteObject(
  store: Store,
  resource: Resource,
  { namespace, name }: { namespace: string | undefined; name: string },
  { preconditions = {}, propagationPolicy, gracePeriodSeconds }: DeleteOptions = {},
): KubeObject {
  const object = store.get(resource, namespace, name)
  const { metadata } = object
  assertMet(resource, metadata, 'UID', preconditions.uid, metadata.uid)
  assertMet(resource, metadata, 'ResourceVersion', preconditions.resourceVersion, metadata.resourceVersion)
  if (propagationPolicy === 'Orphan') orphan(store, metadata.uid)
  if (propagationPolicy === 'Foreground') metadata.finalizers = [...(metadata.finalizers ?? []), FOREGROUND]
  const grace = resource === PODS ? graceOf(object as Pod, gracePeriodSeconds) : 0
  // A second deletion may only shorten what the first one gave.
  const left = Math.min(grace, metadata.deletionGracePeriodSeconds ?? grace)
  if (left > 0 || metadata.finalizers?.length) {
    metadata.deletionTimestamp ??= timestamp(Date.now() + left * 1000)
    metadata.deletionGracePeriodSeconds = left
    return store.update(resource, object)
  }
  return store.remove(resource, namespace, name)
}

/** As in kubernetes pkg/registry/core/pod/strategy.go, CheckGracefulDelete. */
function graceOf({ spec, status }: Pod, asked: number | undefined): number {
  if (!spec.nodeName || status.phase === 'Failed' || status.phase === 'Succeeded') return 0
  return asked ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS
}

function assertMet(
  resource: Resource,
  { name }: { name: string },
  what: string,
  wanted: string | undefined,
  found: string,
) {
  if (wanted === undefined || wanted === found) return
  const why = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`
  throw conflict(resource, name, why)
}

/** After a change of finalizers: what was to be deleted goes once nobody holds it. */
export function settle(store: Store, resource: Resource, object: KubeObject): KubeObject {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds, namespace, name } = object.metadata
  if (!deletionTimestamp || finalizers?.length || deletionGracePeriodSeconds) return object
  return store.remove(resource, namespace, name)
}

function orphan(store: Store, uid: string) {
  for (const { resource, object } of store.all()) {
    const owners = object.metadata.ownerReferences ?? []
    if (!owners.some((owner) => owner.uid === uid)) continue
    object.metadata.ownerReferences = owners.filter((owner) => owner.uid !== uid)
    store.update(resource, object)
  }
}

/** Deletes what has owners of which none is there (any more), some time after it came to that. */
export function collectGarbage(store: Store): { stop(): void } {
  let due: NodeJS.Immediate | undefined
  function collect() {
    due = undefined
    const all = store.all()
    const byUid = new Map(all.map(({ object }) => [object.metadata.uid, object]))
    for (const { resource, object } of all) {
      const { ownerReferences: owners = [], deletionTimestamp, finalizers = [] } = object.metadata
      const isGone = (uid: string) => {
        const owner = byUid.get(uid)?.metadata
        return !owner || owner.finalizers?.includes(FOREGROUND) === true
      }
      if (owners.length && owners.every(({ uid }) => isGone(uid)) && !deletionTimestamp)
        deleteObject(store, resource, idOf(object))
      const { uid } = object.metadata
      const owns = all.some(({ object: other }) =>
        other.metadata.ownerReferences?.some((one) => one.uid === uid),
      )
      if (!finalizers.includes(FOREGROUND) || owns) continue
      object.metadata.finalizers = finalizers.filter((finalizer) => finalizer !== FOREGROUND)
      settle(store, resource, store.update(resource, object))
    }
  }
  const unlisten = store.listen(({ type, object }) => {
    if (type === 'DELETED' || object.metadata.ownerReferences || object.metadata.finalizers)
      due ??= setImmediate(collect)
  })
  return {
    stop() {
      unlisten()
      if (due) clearImmediate(due)
    },
  }
}

const idOf = ({ metadata: { namespace, name } }: KubeObject) => ({ namespace, name })
