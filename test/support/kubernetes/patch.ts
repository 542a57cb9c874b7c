import { isDeepStrictEqual } from 'node:util'
import { badRequest, StatusError } from './statuses'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Operation = { op: string; path: string; value?: Json; from?: string }

const isMap = (value: unknown): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 7396. */
function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isMap(patch)) return patch
  const merged = new Map(Object.entries(isMap(target) ? target : {}))
  for (const [key, value] of Object.entries(patch))
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  return Object.fromEntries(merged)
}

/** Lists that a strategic patch merges by a key of their elements; it replaces all others but finalizers. */
const MERGE_KEYS = new Map([
  ['ownerReferences', 'uid'],
  ['containers', 'name'],
  ['containerStatuses', 'name'],
  ['volumes', 'name'],
  ['conditions', 'type'],
])

/** https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ */
function strategicPatch(target: Json | undefined, patch: Json, field = ''): Json {
  if (Array.isArray(patch) && Array.isArray(target)) {
    if (field === 'finalizers') return [...new Set([...target, ...patch])]
    const key = MERGE_KEYS.get(field)
    if (!key) return patch
    const keyed = (list: Json[]) => list.map((item) => [isMap(item) ? item[key] : undefined, item] as const)
    const merged = new Map(keyed(target))
    for (const [id, item] of keyed(patch))
      if (isMap(item) && item.$patch === 'delete') merged.delete(id)
      else merged.set(id, strategicPatch(merged.get(id), item))
    return [...merged.values()]
  }
  if (!isMap(patch)) return patch
  const merged = new Map(Object.entries(isMap(target) ? target : {}))
  for (const [key, value] of Object.entries(patch))
    if (value === null) merged.delete(key)
    else merged.set(key, strategicPatch(merged.get(key), value, key))
  return Object.fromEntries(merged)
}

/** RFC 6902, without `move` and `copy`, which nobody here sends. */
function jsonPatch(target: Json, operations: Operation[]): Json {
  const patched = structuredClone(target)
  for (const { op, path, value = null } of operations) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() ?? ''
    const refuse = () =>
      new StatusError(
        422,
        'Invalid',
        `the server rejected our request due to an error in our request: ${op} ${path}`,
      )
    let parent: Json | undefined = patched
    for (const key of keys) parent = childOf(parent, key)
    const present = childOf(parent, last)
    if (op === 'test') {
      if (!isDeepStrictEqual(present, value)) throw refuse()
    } else if (Array.isArray(parent)) {
      const at = last === '-' ? parent.length : Number(last)
      parent.splice(at, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]))
    } else if (!isMap(parent) || (op !== 'add' && present === undefined)) throw refuse()
    else if (op === 'remove') delete parent[last]
    else parent[last] = value
  }
  return patched
}

function childOf(parent: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(parent)) return parent[Number(key)]
  return isMap(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined
}

/** @throws StatusError 415 for a kind of patch that this isn't */
export function patched(contentType: string, target: object, patch: unknown): unknown {
  const [type] = contentType.split(';')
  if (type === 'application/merge-patch+json') return mergePatch(target as Json, patch as Json)
  if (type === 'application/strategic-merge-patch+json') return strategicPatch(target as Json, patch as Json)
  if (type === 'application/json-patch+json') {
    if (!Array.isArray(patch))
      throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
    return jsonPatch(target as Json, patch)
  }
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json`,
  )
}
