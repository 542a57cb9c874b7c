import { randomUUID } from 'node:crypto'
import type { KubeObject } from './objects'
import type { Resource } from './resources'
import { alreadyExists, notFound } from './statuses'

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

export interface Change {
  revision: number
  resource: Resource
  type: EventType
  object: KubeObject
  /** As it was before; selectors may have chosen that one. */
  before: KubeObject | undefined
}

export type Store = ReturnType<typeof openStore>
/** What is made of by its maker; the store adds the rest. */
export interface NewObject {
  apiVersion: string
  kind: string
  metadata: Partial<KubeObject['metadata']>
  [field: string]: unknown
}

const keyOf = ({ group, plural }: Resource, namespace: string | undefined, name: string) =>
  [group, plural, namespace ?? '', name].join('/')

const sorted = (labels: Record<string, string>) =>
  Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)))

/** As the API writes times that are whole seconds. */
export const timestamp = (at = Date.now()) => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')

/** Objects by resource, namespace and name, with one revision for all, and what changed, as etcd has them. */
export function openStore() {
  const objects = new Map<string, { resource: Resource; object: KubeObject }>()
  const listeners = new Set<(change: Change) => void>()
  let history: Change[] = []
  let revision = 1000
  let compacted = 0

  function tell(resource: Resource, type: EventType, object: KubeObject, before: KubeObject | undefined) {
    const change: Change = { revision, resource, type, object: structuredClone(object), before }
    history.push(change)
    for (const listener of [...listeners]) listener(change)
  }

  function get(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    const found = objects.get(keyOf(resource, namespace, name))
    if (!found) throw notFound(resource, name)
    return structuredClone(found.object)
  }

  function list(resource: Resource, namespace?: string): KubeObject[] {
    return [...objects]
      .filter(([, { resource: other }]) => other === resource)
      .filter(([, { object }]) => !namespace || object.metadata.namespace === namespace)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { object }]) => structuredClone(object))
  }

  function create(resource: Resource, made: NewObject): KubeObject {
    const { name = '', namespace } = made.metadata
    const key = keyOf(resource, namespace, name)
    if (objects.has(key)) throw alreadyExists(resource, name)
    const object: KubeObject = structuredClone({
      ...made,
      metadata: {
        ...made.metadata,
        name,
        // Go writes maps in the order of their keys.
        ...(made.metadata.labels && { labels: sorted(made.metadata.labels) }),
        uid: randomUUID(),
        resourceVersion: String(++revision),
        creationTimestamp: timestamp(),
      },
    })
    objects.set(key, { resource, object })
    tell(resource, 'ADDED', object, undefined)
    return structuredClone(object)
  }

  /** Replaces it; one that is left as it was gets no new version, as with a real server. */
  function update(resource: Resource, changed: KubeObject): KubeObject {
    const { namespace, name } = changed.metadata
    const key = keyOf(resource, namespace, name)
    const before = get(resource, namespace, name)
    const same = {
      ...changed,
      metadata: { ...changed.metadata, resourceVersion: before.metadata.resourceVersion },
    }
    if (JSON.stringify(same) === JSON.stringify(before)) return before
    const object = structuredClone(changed)
    object.metadata.resourceVersion = String(++revision)
    objects.set(key, { resource, object })
    tell(resource, 'MODIFIED', object, before)
    return structuredClone(object)
  }

  function remove(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    const before = get(resource, namespace, name)
    objects.delete(keyOf(resource, namespace, name))
    const object = structuredClone(before)
    object.metadata.resourceVersion = String(++revision)
    tell(resource, 'DELETED', object, before)
    return object
  }

  return {
    get,
    list,
    create,
    update,
    remove,
    all: () =>
      [...objects.values()].map(({ resource, object }) => ({ resource, object: structuredClone(object) })),
    revision: () => revision,
    /** What changed after that revision; undefined when that isn't known any more. */
    since: (from: number) =>
      from < compacted ? undefined : history.filter((change) => change.revision > from),
    compact() {
      compacted = ++revision
      history = []
    },
    listen(listener: (change: Change) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
