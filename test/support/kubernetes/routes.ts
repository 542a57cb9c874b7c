import type { Question } from './contract'
import { NAMESPACES, type Resource, resourceOf } from './resources'

export interface Route {
  resource: Resource
  namespace: string | undefined
  name: string
  /** Such as `status` or `log`. */
  subresource: string
  verb: Question['verb']
}

const VERBS = new Map<string | undefined, Question['verb']>([
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
])

/** @returns undefined for a path that a server of ours doesn't have */
export function routeOf(method: string | undefined, { pathname, searchParams }: URL): Route | undefined {
  const parts = pathname.split('/').filter(Boolean).map(decodeURIComponent)
  const [root, ...rest] = parts
  const group = root === 'apis' ? rest.shift() : root === 'api' ? '' : undefined
  if (group === undefined || rest.shift() !== 'v1') return undefined
  const namespace = rest[0] === 'namespaces' && rest.length > 2 ? rest.splice(0, 2)[1] : undefined
  const [plural = '', name = '', subresource = ''] = rest
  const resource = resourceOf(group, plural)
  if (!resource || (resource === NAMESPACES && namespace)) return undefined
  const many = {
    GET: searchParams.get('watch') === 'true' ? 'watch' : 'list',
    DELETE: 'deletecollection',
  } as const
  const single = { GET: 'get', DELETE: 'delete' } as const
  const verb = method === 'GET' || method === 'DELETE' ? (name ? single : many)[method] : VERBS.get(method)
  return verb && { resource, namespace, name, subresource, verb }
}

export const questionOf = ({ resource, namespace, name, subresource, verb }: Route): Question => ({
  verb,
  resource: resource.plural + (subresource && `/${subresource}`),
  name,
  namespace: namespace ?? '',
})
