import type { Named } from './statuses'

export interface Resource extends Named {
  apiVersion: string
  namespaced: boolean
}

const core = (plural: string, kind: string, namespaced = true): Resource => ({
  plural,
  kind,
  group: '',
  apiVersion: 'v1',
  namespaced,
})

const inGroup = (group: string, plural: string, kind: string): Resource => ({
  plural,
  kind,
  group,
  apiVersion: `${group}/v1`,
  namespaced: true,
})

export const PODS = core('pods', 'Pod')
export const SECRETS = core('secrets', 'Secret')
const EVENTS = core('events', 'Event')
const CLAIMS = core('persistentvolumeclaims', 'PersistentVolumeClaim')
export const QUOTAS = core('resourcequotas', 'ResourceQuota')
export const SERVICES = core('services', 'Service')
export const NAMESPACES = core('namespaces', 'Namespace', false)
const RBAC = 'rbac.authorization.k8s.io'
export const ROLES = inGroup(RBAC, 'roles', 'Role')
export const BINDINGS = inGroup(RBAC, 'rolebindings', 'RoleBinding')

const RESOURCES: readonly Resource[] = [
  PODS,
  SECRETS,
  EVENTS,
  CLAIMS,
  QUOTAS,
  SERVICES,
  NAMESPACES,
  ROLES,
  BINDINGS,
  core('serviceaccounts', 'ServiceAccount'),
  core('persistentvolumes', 'PersistentVolume', false),
  inGroup('networking.k8s.io', 'networkpolicies', 'NetworkPolicy'),
]

export const resourceOf = (group: string, plural: string) =>
  RESOURCES.find((known) => known.group === group && known.plural === plural)
