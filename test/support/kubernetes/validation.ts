import { isDeepStrictEqual } from 'node:util'
import type { Container, KubeObject, Pod, Secret } from './objects'
import { PODS, type Resource, SECRETS, SERVICES } from './resources'
import { type Fault, invalid } from './statuses'

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
/** Services' names begin with a letter (RFC 1035), as they are names in the DNS. */
const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/
const SECRET_BYTES_MAX = 1024 * 1024
/** Printable ASCII but `=`, as since Kubernetes 1.30. */
const ENV_NAME = /^[ -<>-~]+$/

const value = (field: string, given: unknown, message: string): Fault => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(given)}: ${message}`,
})
const required = (field: string): Fault => ({
  field,
  reason: 'FieldValueRequired',
  message: 'Required value',
})
const denied = (field: string, message: string): Fault => ({
  field,
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${message}`,
})

/** @throws StatusError 422 naming each field that a real server would refuse */
export function validate(resource: Resource, object: KubeObject): void {
  const faults = [...metadataFaults(resource, object)]
  if (resource === SECRETS) faults.push(...secretFaults(object as Secret))
  if (resource === PODS) faults.push(...podFaults(object as Pod))
  if (faults.length) throw invalid(resource, object.metadata.name, faults)
}

function* metadataFaults(resource: Resource, { metadata }: KubeObject): Generator<Fault> {
  const { name, labels = {}, ownerReferences = [] } = metadata
  if (resource === SERVICES) {
    if (!SERVICE_NAME.test(name) || name.length > 63) yield value('metadata.name', name, LABEL_RULE)
  } else if (!SUBDOMAIN.test(name) || name.length > 253) yield value('metadata.name', name, SUBDOMAIN_RULE)
  for (const [key, label] of Object.entries(labels)) {
    if (!LABEL_KEY.test(key))
      yield value('metadata.labels', key, 'name part must consist of alphanumeric characters')
    if (String(label).length > 63) yield value('metadata.labels', label, 'must be no more than 63 characters')
    else if (!LABEL_VALUE.test(label)) yield value('metadata.labels', label, VALUE_RULE)
  }
  for (const [index, owner] of ownerReferences.entries())
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const)
      if (!owner[field]) yield required(`metadata.ownerReferences[${index}].${field}`)
}

function* secretFaults({ data = {} }: Secret): Generator<Fault> {
  let bytes = 0
  for (const [key, encoded] of Object.entries(data)) {
    if (!SECRET_KEY.test(key)) yield value(`data[${key}]`, key, 'a valid config key must consist of …')
    bytes += Buffer.from(encoded, 'base64').length
  }
  if (bytes > SECRET_BYTES_MAX)
    yield {
      field: 'data',
      reason: 'FieldValueInvalid',
      message: 'Too long: may not be more than 1048576 bytes',
    }
}

function* podFaults({ spec }: Pod): Generator<Fault> {
  if (!spec?.containers?.length) return yield required('spec.containers')
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name))
  const names = new Set<string>()
  for (const [index, container] of spec.containers.entries()) {
    const at = `spec.containers[${index}]`
    if (!LABEL.test(container.name) || container.name.length > 63)
      yield value(`${at}.name`, container.name, LABEL_RULE)
    if (names.has(container.name))
      yield {
        field: `${at}.name`,
        reason: 'FieldValueInvalid',
        message: `Duplicate value: "${container.name}"`,
      }
    names.add(container.name)
    yield* containerFaults(at, container, volumes)
  }
}

function* containerFaults(at: string, container: Container, volumes: Set<string>): Generator<Fault> {
  if (!container.image) yield required(`${at}.image`)
  for (const [index, { name }] of (container.env ?? []).entries())
    if (!ENV_NAME.test(name))
      yield value(`${at}.env[${index}].name`, name, 'a valid environment variable name …')
  for (const [index, { name, subPath = '' }] of (container.volumeMounts ?? []).entries()) {
    const field = `${at}.volumeMounts[${index}]`
    if (!volumes.has(name))
      yield { field: `${field}.name`, reason: 'FieldValueInvalid', message: `Not found: "${name}"` }
    if (subPath.startsWith('/')) yield value(`${field}.subPath`, subPath, 'must be a relative path')
    if (subPath.split('/').includes('..')) yield value(`${field}.subPath`, subPath, "must not contain '..'")
  }
  const { requests = {}, limits = {} } = container.resources ?? {}
  // Extended resources can't be overcommitted: https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/
  for (const name of Object.keys({ ...requests, ...limits }))
    if (name.includes('/') && (!limits[name] || (requests[name] ?? limits[name]) !== limits[name]))
      yield value(
        `${at}.resources.requests`,
        requests[name],
        `must be equal to ${name} limit of ${limits[name]}`,
      )
}

const POD_UPDATES =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** @throws StatusError 422 when a change is one that no real server lets pass */
export function validateChange(resource: Resource, before: KubeObject, after: KubeObject): void {
  validate(resource, after)
  const faults: Fault[] = []
  if (after.metadata.uid !== before.metadata.uid)
    faults.push(value('metadata.uid', after.metadata.uid, 'field is immutable'))
  if (resource === PODS && !isDeepStrictEqual(after.spec, before.spec))
    faults.push(denied('spec', POD_UPDATES))
  if (resource === SECRETS && before.immutable) {
    const why = 'field is immutable when `immutable` is set'
    if (!after.immutable) faults.push(denied('immutable', why))
    if (!isDeepStrictEqual(after.data, before.data)) faults.push(denied('data', why))
  }
  if (faults.length) throw invalid(resource, after.metadata.name, faults)
}
