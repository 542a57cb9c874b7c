import { randomUUID } from 'node:crypto'
import type { KubeObject } from './objects'
import type { Resource } from './resources'
import { selector } from './selectors'
import { badRequest, expired } from './statuses'
import type { Store } from './store'

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/**
 * Lists, whole or in chunks that all show one moment.
 * See https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export function openLists(store: Store) {
  const rests = new Map<string, { items: KubeObject[]; resourceVersion: string }>()
  const forgotten = new Set<string>()

  function list(resource: Resource, namespace: string | undefined, query: URLSearchParams) {
    const token = query.get('continue')
    const found = token ? rests.get(token) : undefined
    if (token && forgotten.has(token)) throw expired(CONTINUE_EXPIRED)
    if (token && !found) throw badRequest('continue key is not valid: illegal base64 data at input byte 0')
    const { items, resourceVersion } = found ?? {
      items: store.list(resource, namespace).filter(selector(query)),
      resourceVersion: String(store.revision()),
    }
    const limit = Number(query.get('limit')) || items.length
    const rest = items.slice(limit)
    const metadata = { resourceVersion, ...(rest.length && more(rest, resourceVersion, query)) }
    const { kind, apiVersion } = resource
    // Elements of lists say neither their kind nor its version.
    const shown = items.slice(0, limit).map(({ kind: _, apiVersion: __, ...item }) => item)
    return { kind: `${kind}List`, apiVersion, metadata, items: shown }
  }

  function more(items: KubeObject[], resourceVersion: string, query: URLSearchParams) {
    const token = randomUUID()
    rests.set(token, { items, resourceVersion })
    // With a selector a server doesn't count what is left.
    const isSelected = query.has('labelSelector') || query.has('fieldSelector')
    return { continue: token, ...(!isSelected && { remainingItemCount: items.length }) }
  }

  return {
    list,
    forget() {
      for (const token of rests.keys()) forgotten.add(token)
      rests.clear()
    },
  }
}
