import type { Faults } from './contract'
import type { Pod } from './objects'
import { quantity } from './quantities'
import { isOver, requestsOf } from './quota'
import { PODS } from './resources'
import type { Store } from './store'

/** How often it looks whether there is room meanwhile. */
const LOOK_EVERY_MS = 20

interface Cluster {
  store: Store
  faults: Faults
  /** What nodes have; of what isn't named there is enough, but of extended resources there is none. */
  allocatable: Record<string, string>
  bind(namespace: string, name: string): void
}

/** Puts Pods on the node in the order of their names, as there is room. */
export function startScheduler({ store, faults, allocatable, bind }: Cluster) {
  let due: NodeJS.Immediate | undefined

  function lacking(pod: Pod): string | undefined {
    if (faults.unschedulable) return faults.unschedulable
    const placed = (store.list(PODS) as Pod[]).filter((other) => other.spec.nodeName && !isOver(other))
    for (const [name, wanted] of requestsOf(pod)) {
      const free = Object.hasOwn(allocatable, name) ? allocatable[name] : name.includes('/') ? '0' : undefined
      if (free === undefined) continue
      const used = placed.reduce((sum, other) => sum + (requestsOf(other).get(name) ?? 0), 0)
      if (used + wanted > quantity(free)) return `Insufficient ${name}`
    }
    return undefined
  }

  function schedule() {
    due = undefined
    if (faults.schedulerAway) return
    for (const pod of store.list(PODS) as Pod[]) {
      const { name, namespace = '', deletionTimestamp } = pod.metadata
      if (pod.spec.nodeName || deletionTimestamp) continue
      const want = lacking(pod)
      if (!want) {
        bind(namespace, name)
        continue
      }
      const message = `0/1 nodes are available: 1 ${want}. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.`
      const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const
      pod.status = { phase: 'Pending', conditions: [unscheduled] }
      store.update(PODS, pod)
    }
  }

  const look = setInterval(schedule, LOOK_EVERY_MS)
  const unlisten = store.listen(({ resource }) => {
    if (resource === PODS) due ??= setImmediate(schedule)
  })
  return {
    stop() {
      clearInterval(look)
      unlisten()
      if (due) clearImmediate(due)
    },
  }
}
