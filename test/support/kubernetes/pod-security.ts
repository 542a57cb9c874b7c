import type { PodSpec } from './objects'

/** Kinds of volumes that "restricted" knows. */
const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

/**
 * @returns why a Pod isn't "restricted", in the words of the admission plugin; empty when it is
 * See https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function restrictedViolations(spec: PodSpec): string[] {
  const found: string[] = []
  const refuse = (where: string, must: string, what: string) => found.push(`${what} (${where} ${must})`)
  const pod = spec.securityContext ?? {}
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const)
    if (spec[field]) refuse('pod', `must not set ${field}`, 'host namespaces')
  for (const { name, securityContext: own = {} } of [...(spec.initContainers ?? []), ...spec.containers]) {
    const where = `container "${name}"`
    const { type = '' } = own.seccompProfile ?? pod.seccompProfile ?? {}
    if (own.privileged) refuse(where, 'must not set securityContext.privileged=true', 'privileged')
    if (own.allowPrivilegeEscalation !== false)
      refuse(
        where,
        'must set securityContext.allowPrivilegeEscalation=false',
        'allowPrivilegeEscalation != false',
      )
    if (
      !own.capabilities?.drop?.includes('ALL') ||
      own.capabilities.add?.some((one) => one !== 'NET_BIND_SERVICE')
    )
      refuse(where, 'must set securityContext.capabilities.drop=["ALL"]', 'unrestricted capabilities')
    if (!(own.runAsNonRoot ?? pod.runAsNonRoot))
      refuse(`pod or ${where}`, 'must set securityContext.runAsNonRoot=true', 'runAsNonRoot != true')
    if ((own.runAsUser ?? pod.runAsUser) === 0) refuse(where, 'must not set runAsUser=0', 'runAsUser=0')
    if (type !== 'RuntimeDefault' && type !== 'Localhost')
      refuse(
        `pod or ${where}`,
        'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
        'seccompProfile',
      )
  }
  for (const { name, ...source } of spec.volumes ?? [])
    for (const kind of Object.keys(source))
      if (!VOLUMES.includes(kind))
        refuse(`volume "${name}"`, `uses restricted volume type "${kind}"`, 'restricted volume types')
  return found
}
