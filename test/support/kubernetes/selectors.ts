import type { KubeObject } from './objects'
import { badRequest } from './statuses'

type Matches = (object: KubeObject) => boolean

/** One requirement, see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
function requirement(text: string): (labels: Map<string, string>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    const isIn = (labels: Map<string, string>) => labels.has(key) && values.includes(labels.get(key) ?? '')
    return operator === 'in' ? isIn : (labels) => !isIn(labels)
  }
  const [, absent, name = '', operator, value = ''] =
    /^(!?)([\w./-]+)\s*(==|=|!=)?\s*([\w.-]*)$/.exec(text) ?? []
  if (!name) throw badRequest(`unable to parse requirement: <nil>: Invalid value: "${text}"`)
  if (operator === '!=') return (labels) => labels.get(name) !== value
  if (operator) return (labels) => labels.get(name) === value
  return (labels) => labels.has(name) !== Boolean(absent)
}

/** @throws StatusError 400 for one that can't be read, or for a field that can't be selected by */
export function selector(query: URLSearchParams): Matches {
  const labels = (query.get('labelSelector') ?? '')
    .split(/,(?![^(]*\))/)
    .map((text) => text.trim())
    .filter(Boolean)
    .map(requirement)
  const fields = (query.get('fieldSelector') ?? '')
    .split(',')
    .filter(Boolean)
    .map((text): Matches => {
      const [, field = '', operator, value] = /^([\w.]+)(==|=|!=)(.*)$/.exec(text) ?? []
      const read = FIELDS.get(field)
      if (!read) throw badRequest(`field label not supported: ${field}`)
      return (object) => (read(object) === value) === (operator !== '!=')
    })
  return (object) => {
    const own = new Map(Object.entries(object.metadata.labels ?? {}))
    return labels.every((matches) => matches(own)) && fields.every((matches) => matches(object))
  }
}

const FIELDS = new Map<string, (object: KubeObject) => string>([
  ['metadata.name', ({ metadata }) => metadata.name],
  ['metadata.namespace', ({ metadata }) => metadata.namespace ?? ''],
  ['status.phase', ({ status }) => (status as { phase?: string })?.phase ?? ''],
  ['involvedObject.name', ({ involvedObject }) => (involvedObject as { name?: string })?.name ?? ''],
  ['type', ({ type }) => String(type ?? '')],
  ['involvedObject.uid', ({ involvedObject }) => (involvedObject as { uid?: string })?.uid ?? ''],
])
