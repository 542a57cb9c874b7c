import type { Pod } from './objects'
import { quantity } from './quantities'
import { PODS, QUOTAS } from './resources'
import { forbidden } from './statuses'
import type { Store } from './store'

/** What all containers of a Pod ask for together, by resource: a limit counts where no request is given. */
export function requestsOf({ spec }: Pod): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { resources: { requests = {}, limits = {} } = {} } of spec.containers)
    for (const [name, amount] of Object.entries({ ...limits, ...requests }))
      sums.set(name, (sums.get(name) ?? 0) + quantity(amount))
  return sums
}

export const isOver = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed'

/** What a quota counts, such as `requests.nvidia.com/gpu`, `cpu` or `pods`. */
function usage(pod: Pod, counted: string): number {
  if (counted === 'pods' || counted === 'count/pods') return 1
  return requestsOf(pod).get(counted.replace(/^requests\./, '')) ?? 0
}

/** @throws StatusError 403 as a ResourceQuota of the namespace answers: https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
export function assertWithinQuotas(store: Store, pod: Pod): void {
  const { namespace, name } = pod.metadata
  const present = (store.list(PODS, namespace) as Pod[]).filter((other) => !isOver(other))
  for (const { metadata, spec } of store.list(QUOTAS, namespace)) {
    const { hard = {} } = spec as { hard?: Record<string, string> }
    const over = Object.entries(hard).flatMap(([counted, limit]) => {
      const used = present.reduce((sum, other) => sum + usage(other, counted), 0)
      const requested = usage(pod, counted)
      return requested && used + requested > quantity(limit) ? [{ counted, limit, used, requested }] : []
    })
    if (!over.length) continue
    const told = (field: 'requested' | 'used' | 'limit') =>
      over.map((one) => `${one.counted}=${one[field]}`).join(',')
    throw forbidden(
      PODS,
      name,
      `exceeded quota: ${metadata.name}, requested: ${told('requested')}, used: ${told('used')}, limited: ${told('limit')}`,
    )
  }
}
