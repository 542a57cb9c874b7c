import { randomBytes } from 'node:crypto'
import type { Faults } from './contract'
import { type DeleteOptions, deleteObject, settle } from './deletion'
import type { KubeObject, Pod, Secret } from './objects'
import { patched } from './patch'
import { restrictedViolations } from './pod-security'
import { assertWithinQuotas } from './quota'
import { NAMESPACES, PODS, SECRETS, SERVICES } from './resources'
import type { Route } from './routes'
import { selector } from './selectors'
import { badRequest, conflict, forbidden, MODIFIED_MEANWHILE, notFound } from './statuses'
import type { NewObject, Store } from './store'
import { validate, validateChange } from './validation'

type Place = Pick<Route, 'resource' | 'namespace' | 'name' | 'subresource'>

/** What questions change, with what a server fills in, admits and refuses. */
export function writesTo(store: Store, faults: Faults) {
  function create({ resource, namespace }: Place, given: NewObject): KubeObject {
    if (resource.namespaced) store.get(NAMESPACES, undefined, namespace ?? '')
    const { generateName, namespace: named } = given.metadata ?? {}
    if (named && named !== namespace)
      throw badRequest(
        `the namespace of the provided object does not match the namespace sent on the request`,
      )
    const name = given.metadata?.name || (generateName ?? '') + randomBytes(3).toString('hex').slice(1)
    const metadata = { ...given.metadata, name, ...(resource.namespaced && { namespace }) }
    const { uid: _, resourceVersion: __, deletionTimestamp: ___, ...kept } = metadata
    const object = {
      ...given,
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: kept,
    } as KubeObject
    if (resource === SECRETS) foldStringData(object as Secret)
    validate(resource, object)
    if (resource === PODS) admitPod(object as Pod)
    if (resource === SERVICES)
      object.spec = { clusterIP: '10.96.0.1', type: 'ClusterIP', ...(object.spec as object) }
    return store.create(resource, object)
  }

  function admitPod(pod: Pod) {
    pod.spec = {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      enableServiceLinks: true,
      ...pod.spec,
    }
    pod.status = { phase: 'Pending' }
    const { namespace = '', name } = pod.metadata
    const labels = store.get(NAMESPACES, undefined, namespace).metadata.labels ?? {}
    const violations = restrictedViolations(pod.spec)
    if (labels['pod-security.kubernetes.io/enforce'] === 'restricted' && violations.length)
      throw forbidden(PODS, name, `violates PodSecurity "restricted:latest": ${violations.join(', ')}`)
    if (pod.spec.restartPolicy !== 'Never' || pod.spec.initContainers?.length)
      throw badRequest('The kubelet of these tests knows neither restarts nor init containers.')
    assertWithinQuotas(store, pod)
    if (faults.finalizer) pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), faults.finalizer]
  }

  /** @param make what it is to become, from what it is */
  function change(
    { resource, namespace, name, subresource }: Place,
    make: (before: KubeObject) => KubeObject,
  ) {
    const before = store.get(resource, namespace, name)
    const wanted = make(before)
    if (resource === SECRETS) foldStringData(wanted as Secret)
    const { resourceVersion } = wanted.metadata
    if (resourceVersion && resourceVersion !== before.metadata.resourceVersion)
      throw conflict(resource, name, MODIFIED_MEANWHILE)
    const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = before.metadata
    const fixed = { namespace, name, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds }
    // A subresource changes its part alone, and everything else leaves the status as it is.
    const after: KubeObject =
      subresource === 'status'
        ? { ...before, status: wanted.status }
        : { ...wanted, ...('status' in before && { status: before.status }) }
    after.metadata = { ...after.metadata, ...fixed, uid: wanted.metadata.uid || uid }
    for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'namespace'] as const)
      if (after.metadata[field] === undefined) delete after.metadata[field]
    validateChange(resource, before, after)
    return settle(store, resource, store.update(resource, after))
  }

  return {
    create,
    update: (place: Place, given: KubeObject) => change(place, () => given),
    patch: (place: Place, type: string, body: unknown) =>
      change(place, (before) => patched(type, before, body) as KubeObject),
    delete: ({ resource, namespace, name }: Place, options: DeleteOptions) =>
      deleteObject(store, resource, { namespace, name }, options),
    deleteAll({ resource, namespace }: Place, query: URLSearchParams, options: DeleteOptions) {
      const chosen = store.list(resource, namespace).filter(selector(query))
      for (const { metadata } of chosen)
        deleteObject(store, resource, metadata as Required<typeof metadata>, options)
      return { kind: `${resource.kind}List`, apiVersion: resource.apiVersion, metadata: {}, items: chosen }
    },
    /** Puts a Pod on a node, as `pods/binding` does. */
    bind(namespace: string, name: string, nodeName: string) {
      const pod = store.get(PODS, namespace, name) as Pod
      if (pod.metadata.deletionTimestamp) throw notFound(PODS, name)
      pod.spec.nodeName = nodeName
      return store.update(PODS, pod)
    },
  }
}

/** `stringData` is written and never read: https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data */
function foldStringData(secret: Secret) {
  const encoded = Object.entries(secret.stringData ?? {}).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ])
  if (encoded.length) secret.data = { ...secret.data, ...Object.fromEntries(encoded) }
  delete secret.stringData
  secret.type ??= 'Opaque'
}
