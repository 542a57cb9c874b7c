import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { assertAllowed, type Rule } from './access'
import type { Fate, Faults } from './contract'
import type { DeleteOptions } from './deletion'
import type { openLists } from './lists'
import type { KubeObject } from './objects'
import { PODS, SECRETS } from './resources'
import { questionOf, type Route, routeOf } from './routes'
import { badRequest, internal, StatusError, tooManyRequests, unauthorized } from './statuses'
import type { Store } from './store'
import type { openWatches } from './watches'
import type { writesTo } from './writes'

interface Parts {
  store: Store
  faults: Faults
  writes: ReturnType<typeof writesTo>
  lists: ReturnType<typeof openLists>
  watches: ReturnType<typeof openWatches>
  log(route: Route, query: URLSearchParams, response: ServerResponse): void
  /** Bearer tokens: of the control plane, and of an administrator. */
  token: string
  adminToken: string
  rules(): readonly Rule[] | undefined
}

/** The HTTP side: who asks, whether they may, what a fault makes of it, and the answer. */
export async function serve(parts: Parts) {
  const used = new Set<string>()
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (response.headersSent) return response.destroy()
      const status = error instanceof StatusError ? error : internal(String(error))
      const { retryAfterSeconds } = status.details
      const headers: Record<string, string> =
        retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
      send(response, status.code, status.body, headers)
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://api')
    const bearer = request.headers.authorization
    if (['/healthz', '/livez', '/readyz'].includes(url.pathname)) return void response.end('ok')
    const isAdmin = bearer === `Bearer ${parts.adminToken}`
    if (!isAdmin && bearer !== `Bearer ${parts.token}`) throw unauthorized()
    if (url.pathname === '/version')
      return send(response, 200, { major: '1', minor: '33', gitVersion: 'v1.33.0' })
    const route = routeOf(request.method, url)
    if (!route) {
      response.writeHead(404).end('404 page not found\n')
      return
    }
    const body = request.method === 'GET' ? undefined : await bodyOf(request)
    let fate: Fate = 'passed'
    if (!isAdmin) {
      const question = questionOf(route)
      used.add(`${question.verb} ${question.resource}`)
      fate = await parts.faults.decide(question)
      if (fate === 'refused') return void request.socket.destroy()
      if (fate === 'throttled') throw tooManyRequests(1)
      if (fate === 'internal') throw internal('Internal error occurred: etcdserver: request timed out')
      if (typeof fate === 'object' && 'status' in fate)
        throw new StatusError(fate.status, fate.reason, fate.message)
      if (typeof fate === 'object') await pause(fate.delayMs)
      assertAllowed(parts.rules(), route.resource, question)
    }
    if (route.verb === 'watch')
      return parts.watches.open(route.resource, route.namespace, url.searchParams, response)
    if (route.subresource === 'log' && route.resource === PODS)
      return parts.log(route, url.searchParams, response)
    const result = carryOut(route, url.searchParams, body, request.headers['content-type'] ?? '')
    if (fate === 'lost') return void request.socket.destroy()
    send(response, route.verb === 'create' ? 201 : 200, result)
  }

  function carryOut(route: Route, query: URLSearchParams, body: unknown, contentType: string): unknown {
    const { resource, namespace, name } = route
    const options = { ...(body as DeleteOptions), ...inQuery(query) }
    switch (route.verb) {
      case 'get':
        return parts.store.get(resource, namespace, name)
      case 'create':
        // Whatever account it is for: there is one token besides the administrator's.
        if (route.subresource === 'token') return { kind: 'TokenRequest', status: { token: parts.token } }
        return parts.writes.create(route, body as KubeObject)
      case 'update':
        return parts.writes.update(route, body as KubeObject)
      case 'patch':
        return parts.writes.patch(route, contentType, body)
      case 'deletecollection':
        return parts.writes.deleteAll(route, query, options)
      case 'delete': {
        const { metadata, ...deleted } = parts.writes.delete(route, options)
        // Of a Pod the answer is the Pod as it is now; of a Secret only that it is done.
        if (resource !== SECRETS) return { ...deleted, metadata }
        const details = { name, kind: resource.plural, uid: metadata.uid }
        return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
      }
      default:
        return parts.lists.list(resource, namespace, query)
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const goAway = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://127.0.0.1:${port}`,
    used: () => [...used].sort(),
    goAway,
    async comeBack() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}

/** Options of a deletion that clients give in the query instead. */
function inQuery(query: URLSearchParams): DeleteOptions {
  const [grace, policy] = [query.get('gracePeriodSeconds'), query.get('propagationPolicy')]
  return {
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(policy !== null && { propagationPolicy: policy as DeleteOptions['propagationPolicy'] }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (!Number(request.headers['content-length'] ?? 0) && !request.headers['transfer-encoding']) return {}
  try {
    return await json(request)
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${(error as Error).message}`)
  }
}

function send(response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
