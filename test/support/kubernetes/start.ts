import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../temp-folder'
import type { Faults, KubernetesOptions, TestKubernetes } from './contract'
import { collectGarbage, deleteObject, settle } from './deletion'
import { startKubelet } from './kubelet'
import { openLists } from './lists'
import type { Pod } from './objects'
import { NAMESPACES, PODS } from './resources'
import { startScheduler } from './scheduler'
import { serve } from './server'
import { openStore } from './store'
import { openWatches } from './watches'
import { writesTo } from './writes'

const NODE = 'node-1'

const noFaults = (): Faults => ({
  decide: () => 'passed',
  pull: () => undefined,
  unschedulable: undefined,
  schedulerAway: false,
  event: () => 'passed',
  deletionHangs: false,
  finalizer: undefined,
})

/**
 * Starts a cluster of one node. What is asked of it, refused and told is as a real one does it; containers really
 * run. These are the differences:
 * - A container is a process of this host, so that it has neither mounts nor a network of its own. A value of its
 *   environment, word of its command or working directory that is below a mount becomes the folder on this host,
 *   and the value `0.0.0.0` the Pod's address. A mount in a mount is not seen through the outer one.
 * - Resources are counted, and not limited. Users, capabilities and read-only mounts are not enforced.
 * - Services have an address that nobody answers; NetworkPolicies are kept and not enforced.
 * - Back-offs and probes don't wait for seconds. Only `restartPolicy: Never` is known, and no init containers.
 */
export async function startKubernetes({
  images,
  claims = {},
  namespaces = ['default'],
  isRestricted = false,
  rules,
  allocatable = {},
}: KubernetesOptions): Promise<TestKubernetes> {
  const folder = temporaryFolder()
  const store = openStore()
  const faults = noFaults()
  const labels: Record<string, string> = isRestricted
    ? { 'pod-security.kubernetes.io/enforce': 'restricted' }
    : {}
  for (const name of namespaces)
    store.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  const lists = openLists(store)
  const watches = openWatches(store, faults)
  const writes = writesTo(store, faults)
  const [token, adminToken] = [randomUUID(), randomUUID()]
  let allowed = rules
  const server = await serve({
    store,
    faults,
    writes,
    lists,
    watches,
    log: (route, query, response) => kubelet.log(route, query, response),
    token,
    adminToken,
    rules: () => allowed,
  })
  const kubelet = startKubelet({
    store,
    faults,
    images: new Map(Object.entries(images)),
    claims: new Map(Object.entries(claims)),
    apiPort: new URL(server.url).port,
    folder: join(folder.path, 'pods'),
  })
  const scheduler = startScheduler({
    store,
    faults,
    allocatable,
    bind: (namespace, name) => void writes.bind(namespace, name, NODE),
  })
  const collector = collectGarbage(store)
  const pods = () => store.list(PODS) as Pod[]

  function kubeconfig(name: string, bearer: string): string {
    const file = join(folder.path, name)
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      // The client refuses plain HTTP otherwise.
      clusters: [{ name: 'test', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name, user: { token: bearer } }],
      contexts: [{ name, context: { cluster: 'test', user: name } }],
      'current-context': name,
    }
    mkdirSync(folder.path, { recursive: true })
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
    return file
  }

  return {
    url: server.url,
    kubeconfig: kubeconfig('slipway', token),
    adminKubeconfig: kubeconfig('admin', adminToken),
    faults,
    store,
    pods: kubelet.running,
    pod: (name) => pods().find(({ metadata }) => metadata.name === name),
    used: server.used,
    setRules(next) {
      allowed = next
    },
    cutWatches: watches.cut,
    compact() {
      store.compact()
      lists.forget()
      watches.expire()
    },
    bookmark: watches.bookmark,
    goAway: server.goAway,
    comeBack: server.comeBack,
    oomKill: (pod, container) => kubelet.kill(pod, container, 'OOMKilled'),
    killContainer: (pod, container) => kubelet.kill(pod, container),
    evict: (pod, message = 'The node was low on resource: memory.') => kubelet.evict(pod, message),
    async loseNode() {
      await kubelet.silence()
      for (const pod of pods()) {
        for (const condition of pod.status.conditions ?? [])
          if (condition.type === 'Ready') Object.assign(condition, { status: 'False', reason: undefined })
        store.update(PODS, pod)
      }
    },
    removeNode() {
      for (const pod of pods().filter(({ spec }) => spec.nodeName === NODE)) {
        const message = 'PodGC: node no longer exists'
        const disruption = {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByPodGC',
          message,
        } as const
        pod.status = {
          ...pod.status,
          phase: 'Failed',
          conditions: [...(pod.status.conditions ?? []), disruption],
        }
        const { metadata } = store.update(PODS, pod)
        deleteObject(
          store,
          PODS,
          { namespace: metadata.namespace, name: metadata.name },
          { gracePeriodSeconds: 0 },
        )
      }
      kubelet.comeBack()
    },
    releaseFinalizers(finalizer) {
      for (const pod of pods()) {
        pod.metadata.finalizers = pod.metadata.finalizers?.filter((one) => one !== finalizer)
        settle(store, PODS, store.update(PODS, pod))
      }
    },
    async stop() {
      faults.deletionHangs = false
      scheduler.stop()
      collector.stop()
      await server.goAway()
      await kubelet.silence()
      kubelet.stop()
      folder.remove()
    },
  }
}
