import type { Question } from './contract'
import type { Resource } from './resources'
import { forbidden } from './statuses'

/** One of the rules of a Role. */
export interface Rule {
  apiGroups: readonly string[]
  resources: readonly string[]
  verbs: readonly string[]
  resourceNames?: readonly string[]
}

/** Whom the token of the kubeconfig belongs to. */
const USER = 'system:serviceaccount:slipway:slipway'

const covers = (allowed: readonly string[], wanted: string) =>
  allowed.includes(wanted) || allowed.includes('*')

/** @throws StatusError 403 as https://kubernetes.io/docs/reference/access-authn-authz/rbac/ has it, unless a rule allows it */
export function assertAllowed(
  rules: readonly Rule[] | undefined,
  target: Resource,
  { verb, resource, name, namespace }: Question,
): void {
  const allows = ({ apiGroups, resources, verbs, resourceNames }: Rule) =>
    covers(apiGroups, target.group) &&
    covers(resources, resource) &&
    covers(verbs, verb) &&
    (!resourceNames || resourceNames.includes(name))
  if (!rules || rules.some(allows)) return
  const scope = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
  const [plain = ''] = resource.split('/')
  throw forbidden(
    { ...target, plural: plain },
    name,
    `User "${USER}" cannot ${verb} resource "${resource}" in API group "${target.group}" ${scope}`,
  )
}
