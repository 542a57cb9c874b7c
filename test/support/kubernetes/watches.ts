import type { ServerResponse } from 'node:http'
import type { Faults } from './contract'
import type { Resource } from './resources'
import { selector } from './selectors'
import { expired } from './statuses'
import type { Change, Store } from './store'

interface Watch {
  resource: Resource
  wantsBookmarks: boolean
  send(type: string, object: object): void
  /** Nothing is sent after that. */
  end(): void
  /** Ends in the middle of a line. */
  cut(): void
}

/** See https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export function openWatches(store: Store, faults: Faults) {
  const watches = new Set<Watch>()

  function open(
    resource: Resource,
    namespace: string | undefined,
    query: URLSearchParams,
    response: ServerResponse,
  ): void {
    const matches = selector(query)
    const from = query.get('resourceVersion') || '0'
    const timers = new Set<NodeJS.Timeout>()
    const later = (ms: number, act: () => void) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        act()
      }, ms)
      timers.add(timer)
    }
    let isOpen = true
    const close = (how: () => void) => {
      if (isOpen) how()
      isOpen = false
    }
    const watch: Watch = {
      resource,
      wantsBookmarks: query.get('allowWatchBookmarks') === 'true',
      send(type, object) {
        if (isOpen) response.write(`${JSON.stringify({ type, object })}\n`)
      },
      end: () => close(() => response.end()),
      cut: () =>
        close(() => response.write('{"type":"MODIFIED","object":{"kind":"Po', () => response.destroy())),
    }
    const tell = (type: string, object: object) => {
      const fate = faults.event(type, object)
      if (fate === 'lost') return
      if (typeof fate === 'object') return later(fate.delayMs, () => watch.send(type, object))
      watch.send(type, object)
      if (fate === 'twice') watch.send(type, object)
    }
    const pass = ({ resource: changed, type, object, before }: Change) => {
      if (changed !== resource || (namespace && object.metadata.namespace !== namespace)) return
      const [was, is] = [before !== undefined && matches(before), type !== 'DELETED' && matches(object)]
      // What a selector no longer chooses is told as deleted.
      if (is) tell(was ? 'MODIFIED' : 'ADDED', object)
      else if (was) tell('DELETED', object)
    }

    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const missed = from === '0' ? [] : store.since(Number(from))
    if (!missed) {
      // Told in the stream, with status 200.
      watch.send('ERROR', expired(`too old resource version: ${from} (${store.revision()})`).body)
      watch.end()
      return
    }
    watches.add(watch)
    if (from === '0')
      for (const object of store.list(resource, namespace).filter(matches)) tell('ADDED', object)
    for (const change of missed) pass(change)
    const unlisten = store.listen(pass)
    const timeoutSeconds = Number(query.get('timeoutSeconds'))
    if (timeoutSeconds)
      later(timeoutSeconds * 1000, () => {
        bookmark(watch)
        watch.end()
      })
    response.on('close', () => {
      unlisten()
      watches.delete(watch)
      for (const timer of timers) clearTimeout(timer)
    })
  }

  function bookmark({ wantsBookmarks, resource: { kind, apiVersion }, send }: Watch) {
    const metadata = { resourceVersion: String(store.revision()), creationTimestamp: null }
    if (wantsBookmarks) send('BOOKMARK', { kind, apiVersion, metadata })
  }

  return {
    open,
    bookmark: () => watches.forEach(bookmark),
    cut() {
      for (const watch of watches) watch.cut()
    },
    expire() {
      for (const watch of watches) {
        watch.send('ERROR', expired(`too old resource version: 1 (${store.revision()})`).body)
        watch.end()
      }
    },
  }
}
