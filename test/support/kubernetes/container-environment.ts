import type { Container, EnvVar, Pod, Secret } from './objects'
import { SECRETS, SERVICES } from './resources'
import { StatusError } from './statuses'
import type { Store } from './store'

/** What the kubelet says of a container whose environment can't be put together. */
export class ConfigError extends Error {}

interface Place {
  store: Store
  pod: Pod
  ip: string
  /** Where the API answers. */
  apiPort: string
}

/**
 * The environment that a container of a real cluster finds: its image's, what the kubelet adds whatever the Pod
 * says, `envFrom`, and `env` over all of them.
 * @throws ConfigError
 */
export function environmentOf({ env = [], envFrom = [] }: Container, place: Place): Record<string, string> {
  const { pod, store } = place
  const found = new Map(Object.entries({ PATH: process.env.PATH ?? '', HOSTNAME: pod.metadata.name }))
  for (const [name, value] of serviceVariables(place)) found.set(name, value)
  for (const { secretRef, prefix = '' } of envFrom)
    if (secretRef) for (const [key, value] of valuesOf(store, pod, secretRef)) found.set(prefix + key, value)
  for (const variable of env) {
    const value = chosenValue(variable, found, place)
    if (value !== undefined) found.set(variable.name, value)
  }
  return Object.fromEntries(found)
}

/** Whatever `enableServiceLinks` says, the API's own service is there (kubelet_pods.go, getServiceEnvVarMap). */
function* serviceVariables({ store, pod, apiPort }: Place): Generator<[string, string]> {
  const linked = pod.spec.enableServiceLinks ? store.list(SERVICES, pod.metadata.namespace) : []
  const services = linked.map(({ metadata, spec }) => {
    const { clusterIP, ports = [] } = spec as { clusterIP: string; ports?: { port: number }[] }
    return { name: metadata.name, host: clusterIP, port: String(ports[0]?.port ?? 0), named: '' }
  })
  for (const { name, host, port, named } of [
    { name: 'kubernetes', host: '127.0.0.1', port: apiPort, named: '_HTTPS' },
    ...services,
  ]) {
    const base = name.toUpperCase().replaceAll('-', '_')
    const link = `${base}_PORT_${port}_TCP`
    yield [`${base}_SERVICE_HOST`, host]
    yield [`${base}_SERVICE_PORT`, port]
    if (named) yield [`${base}_SERVICE_PORT${named}`, port]
    yield [`${base}_PORT`, `tcp://${host}:${port}`]
    yield [link, `tcp://${host}:${port}`]
    yield [`${link}_PROTO`, 'tcp']
    yield [`${link}_PORT`, port]
    yield [`${link}_ADDR`, host]
  }
}

export function valuesOf(
  store: Store,
  { metadata: { namespace } }: Pod,
  { name, optional }: { name: string; optional?: boolean },
): Map<string, string> {
  try {
    const { data = {} } = store.get(SECRETS, namespace, name) as Secret
    return new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (optional) return new Map()
    throw new ConfigError(`secret "${name}" not found`)
  }
}

function chosenValue(
  { value, valueFrom }: EnvVar,
  found: Map<string, string>,
  place: Place,
): string | undefined {
  const { store, pod } = place
  const { secretKeyRef, fieldRef } = valueFrom ?? {}
  if (fieldRef) return fieldOf(fieldRef.fieldPath, place)
  if (!secretKeyRef) return expanded(value ?? '', found)
  const { name, key, optional } = secretKeyRef
  const chosen = valuesOf(store, pod, secretKeyRef).get(key)
  if (chosen !== undefined || optional) return chosen
  throw new ConfigError(`couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}`)
}

function fieldOf(path: string, { pod: { metadata, spec }, ip }: Place): string {
  const [, key = ''] = /^metadata\.labels\['(.+)'\]$/.exec(path) ?? []
  if (key) return new Map(Object.entries(metadata.labels ?? {})).get(key) ?? ''
  const fields = new Map([
    ['metadata.name', metadata.name],
    ['metadata.namespace', metadata.namespace],
    ['metadata.uid', metadata.uid],
    ['spec.nodeName', spec.nodeName],
    ['status.podIP', ip],
    ['status.hostIP', '127.0.0.1'],
  ])
  const value = fields.get(path)
  if (value === undefined) throw new ConfigError(`unsupported fieldPath: ${path}`)
  return value
}

/**
 * `$(NAME)` of what is known so far; anything else stays, and `$$` is a dollar.
 * See https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export const expanded = (text: string, known: Map<string, string>): string =>
  text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (known.get(name) ?? whole),
  )
