import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { RunningPod } from './contract'
import type { Node } from './kubelet-container'
import { KubeletPod } from './kubelet-pod'
import type { Pod } from './objects'
import { PODS } from './resources'
import type { Route } from './routes'
import { badRequest, notFound } from './statuses'

/** Runs the Pods that are on its node, as the API has them. */
export function startKubelet(node: Node) {
  const pods = new Map<string, KubeletPod>()
  let isSilent = false

  const unlisten = node.store.listen(({ resource, type, object }) => {
    if (resource !== PODS || isSilent) return
    const pod = object as Pod
    const { uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata
    const known = pods.get(uid)
    if (type === 'DELETED') {
      // Deleted by force: the API doesn't wait, and the containers go all the same.
      if (known) known.terminate(0).finally(() => pods.delete(uid))
      return
    }
    if (!known && pod.spec.nodeName && !deletionTimestamp) {
      const placed = new KubeletPod(pod, node)
      pods.set(uid, placed)
      placed.begin()
    }
    if (known && deletionTimestamp) known.remove(deletionGracePeriodSeconds * 1000)
  })

  const named = (name: string) => {
    const found = [...pods.values()].find(({ pod }) => pod.metadata.name === name)
    if (!found) throw new Error(`No Pod ${name} is on the node.`)
    return found
  }

  return {
    running: (): RunningPod[] => [...pods.values()].map(({ running }) => running),
    /** Returns once the API says so too. */
    async kill(pod: string, name: string, reason?: 'OOMKilled') {
      const found = named(pod).containers.find(({ spec }) => spec.name === name)
      if (!found?.isAlive) throw new Error(`No container ${name} runs in ${pod}.`)
      found.process?.kill(reason)
      while (found.isAlive) await pause(5)
    },
    evict: (pod: string, message: string) => named(pod).evict(message),
    /** Ends everything and says nothing of it. */
    async silence() {
      isSilent = true
      for (const pod of pods.values()) pod.isSilent = true
      await Promise.all([...pods.values()].map((pod) => pod.terminate(0)))
    },
    /** A new node in its place, with nothing on it. */
    comeBack() {
      pods.clear()
      isSilent = false
    },
    stop: unlisten,
    log({ namespace, name }: Route, query: URLSearchParams, response: ServerResponse) {
      const pod = node.store.get(PODS, namespace, name) as Pod
      const { containers } = pod.spec
      const wanted = query.get('container') ?? ''
      if (!wanted && containers.length > 1) {
        const choice = containers.map((one) => one.name).join(' ')
        throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${choice}]`)
      }
      const found = pods
        .get(pod.metadata.uid)
        ?.containers.find(({ spec }) => spec.name === (wanted || containers[0]?.name))
      if (!containers.some((one) => one.name === wanted) && wanted)
        throw badRequest(`container ${wanted} is not valid for pod ${name}`)
      if (query.get('previous') === 'true')
        throw badRequest(`previous terminated container "${wanted}" in pod "${name}" not found`)
      if (!pod.spec.nodeName) throw notFound(PODS, name)
      if (!found?.process) {
        const reason = found?.status.state.waiting?.reason ?? 'ContainerCreating'
        throw badRequest(
          `container "${wanted || containers[0]?.name}" in pod "${name}" is waiting to start: ${reason}`,
        )
      }
      serveLog(found.process.log, query, response)
    },
  }
}

type Log = NonNullable<KubeletPod['containers'][number]['process']>['log']

async function serveLog(log: Log, query: URLSearchParams, response: ServerResponse): Promise<void> {
  const ended = new AbortController()
  response.on('close', () => ended.abort())
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined)
  const pieces = log.read(
    {
      timestamps: query.get('timestamps') === 'true',
      follow: query.get('follow') === 'true',
      sinceTime: query.get('sinceTime'),
      sinceSeconds: number('sinceSeconds') ?? 0,
      tailLines: number('tailLines'),
      limitBytes: number('limitBytes'),
    },
    ended.signal,
  )
  // Rejected when whoever reads is gone, and then the output ends too.
  for await (const piece of pieces)
    if (!response.write(piece)) await once(response, 'drain', { signal: ended.signal }).catch(() => undefined)
  response.end()
}
