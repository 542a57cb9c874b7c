import type { Rule } from './access'
import type { KubernetesOptions } from './contract'
import { BINDINGS, ROLES } from './resources'
import { startKubernetes } from './start'

/** A cluster in which everything is still to be made; accounts may do what the Roles say that are bound. */
export async function startBareKubernetes(options: Pick<KubernetesOptions, 'images' | 'claims'>) {
  const kubernetes = await startKubernetes({ ...options, rules: [] })
  const { faults, store } = kubernetes
  faults.decide = () => {
    const bound = store.list(BINDINGS).map(({ roleRef }) => (roleRef as { name: string }).name)
    const roles = store.list(ROLES).filter(({ metadata }) => bound.includes(metadata.name))
    kubernetes.setRules(roles.flatMap(({ rules }) => rules as Rule[]))
    return 'passed'
  }
  return kubernetes
}
