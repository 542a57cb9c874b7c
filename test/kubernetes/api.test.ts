import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  Log,
  type V1Pod,
  type V1Secret,
  Watch,
} from '@kubernetes/client-node'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { KubernetesOptions } from '../support/kubernetes/contract'
import { startKubernetes } from '../support/kubernetes/start'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'

const NAMESPACE = 'machines'
const SERVICE = [process.execPath, `${process.cwd()}/test/support/programs/service.mjs`]

async function cluster(options: Partial<KubernetesOptions> = {}) {
  const data = temporaryFolder()
  const kubernetes = await startKubernetes({
    images: { answers: [...SERVICE, 'answers'], prints: [...SERVICE, 'prints'] },
    claims: { data: data.path },
    namespaces: [NAMESPACE],
    ...options,
  })
  onTestFinished(async () => {
    await kubernetes.stop()
    data.remove()
  })
  const config = new KubeConfig()
  config.loadFromFile(kubernetes.kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  return { kubernetes, config, api, dataDir: data.path }
}

const podNamed = (name: string, image = 'answers', more: Partial<V1Pod['spec']> = {}): V1Pod => ({
  metadata: { name, labels: { machine: name } },
  spec: {
    restartPolicy: 'Never',
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'service',
        image,
        env: [
          { name: 'HOST', value: '0.0.0.0' },
          { name: 'PORT', value: '8080' },
          { name: 'HOME', value: '/home/machine' },
          { name: 'SLIPWAY_SERVICE', value: 'service' },
        ],
        envFrom: [{ secretRef: { name: `${name}-env` } }],
        volumeMounts: [{ name: 'data', mountPath: '/home/machine', subPath: `machines/${name}` }],
        readinessProbe: { tcpSocket: { port: 8080 } },
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    ...more,
  } as V1Pod['spec'],
})

const secretFor = (name: string) => ({
  metadata: { name: `${name}-env` },
  immutable: true,
  stringData: { HF_TOKEN: 'hf_CANARY' },
})

describe('the API server of tests', () => {
  test('runs a Pod with the environment of its Secret, until it is deleted', async () => {
    const { kubernetes, api, dataDir } = await cluster()
    await api.createNamespacedSecret({ namespace: NAMESPACE, body: secretFor('one') })
    await api.createNamespacedPod({ namespace: NAMESPACE, body: podNamed('one') })
    const ready = await until('it is ready', () => {
      const status = kubernetes.pod('one')?.status
      return status?.containerStatuses?.every((container) => container.ready) ? status : undefined
    })
    expect(ready.phase).toBe('Running')
    const env = await (await fetch(`http://${ready.podIP}:8080`)).json()
    expect(env).toMatchObject({ HF_TOKEN: 'hf_CANARY', HOSTNAME: 'one', HOME: `${dataDir}/machines/one` })
    expect(readFileSync(`${dataDir}/machines/one/service.starts`, 'utf8')).toBe(
      `${kubernetes.pods()[0]?.containers[0]?.pid}\n`,
    )
    await api.deleteNamespacedPod({ namespace: NAMESPACE, name: 'one' })
    await until('it is gone', () => !kubernetes.pod('one'))
    expect(kubernetes.pods().flatMap(({ containers }) => containers)).toEqual([])
  })

  test('tells a watch what changes, and one that is too old that it is', async () => {
    const { kubernetes, api, config } = await cluster()
    const { metadata } = await api.listNamespacedSecret({ namespace: NAMESPACE })
    const from = metadata?.resourceVersion ?? ''
    const first = await watching(config, { resourceVersion: from, labelSelector: 'kind=chosen' })
    for (const name of ['one', 'two'])
      await api.createNamespacedSecret({ namespace: NAMESPACE, body: labelled(name, 'chosen') })
    await api.createNamespacedSecret({ namespace: NAMESPACE, body: labelled('other', 'other') })
    await api.replaceNamespacedSecret({ namespace: NAMESPACE, name: 'one', body: labelled('one', 'other') })
    await api.deleteNamespacedSecret({ namespace: NAMESPACE, name: 'two' })
    await until('all is told', () => first.events.length === 4)
    expect(first.events).toEqual(['ADDED one', 'ADDED two', 'DELETED one', 'DELETED two'])
    kubernetes.bookmark()
    kubernetes.compact()
    await first.ended
    expect(first.events.slice(4)).toEqual(['BOOKMARK undefined', 'ERROR 410'])
    const second = await watching(config, { resourceVersion: from })
    await second.ended
    expect(second.events).toEqual(['ERROR 410'])
  })

  test.each(['compact', 'cutWatches'] as const)(
    'tells a watch nothing more that is ended by %s while it is told something',
    async (end) => {
      const { kubernetes, api, config } = await cluster()
      const watch = await watching(config, {})
      kubernetes.faults.event = () => {
        kubernetes[end]()
        return 'twice'
      }
      await api.createNamespacedSecret({ namespace: NAMESPACE, body: labelled('one', 'x') })
      await watch.ended
      expect(watch.events).toEqual(end === 'compact' ? ['ERROR 410'] : [])
    },
  )

  test('lists in chunks of one moment, until that is forgotten', async () => {
    const { kubernetes, api } = await cluster()
    for (const name of ['a', 'b', 'c'])
      await api.createNamespacedSecret({ namespace: NAMESPACE, body: labelled(name, 'x') })
    const names = (list: { items: V1Secret[] }) => list.items.map((item) => item.metadata?.name)
    const first = await api.listNamespacedSecret({ namespace: NAMESPACE, limit: 2 })
    await api.deleteNamespacedSecret({ namespace: NAMESPACE, name: 'c' })
    const _continue = first.metadata?._continue
    const rest = await api.listNamespacedSecret({ namespace: NAMESPACE, limit: 2, _continue })
    expect([names(first), names(rest), rest.metadata?._continue]).toEqual([['a', 'b'], ['c'], undefined])
    kubernetes.compact()
    const failure = await refusalOf(api.listNamespacedSecret({ namespace: NAMESPACE, limit: 2, _continue }))
    expect(failure).toMatchObject({ code: 410, body: { reason: 'Expired' } })
  })

  test('refuses as a real one: names, labels, what is immutable or there, preconditions, strangers', async () => {
    const { kubernetes, api } = await cluster({
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['create', 'patch', 'delete'] }],
    })
    const create = (body: V1Secret) => api.createNamespacedSecret({ namespace: NAMESPACE, body })
    const made = await create(secretFor('one'))
    expect(made.data).toEqual({ HF_TOKEN: Buffer.from('hf_CANARY').toString('base64') })
    expect(await refusalOf(create(secretFor('one')))).toMatchObject({
      code: 409,
      body: { kind: 'Status', reason: 'AlreadyExists', message: 'secrets "one-env" already exists' },
    })
    const wrong: [string, V1Secret][] = [
      ['metadata.name', labelled('Upper', 'x')],
      ['metadata.labels', labelled('long', 'x'.repeat(64))],
      ['metadata.labels', labelled('odd', 'a b')],
    ]
    for (const [field, body] of wrong)
      expect(await refusalOf(create(body))).toMatchObject({
        code: 422,
        body: { reason: 'Invalid', details: { causes: [{ field }] } },
      })
    const named = { namespace: NAMESPACE, name: 'one-env' }
    const change = (path: string, value: unknown) =>
      api.patchNamespacedSecret({ ...named, body: [{ op: 'add', path, value }] })
    expect(await refusalOf(change('/data/HF_TOKEN', 'AAAA'))).toMatchObject({ code: 422 })
    expect((await change('/metadata/labels', { a: 'b' })).metadata?.labels).toEqual({ a: 'b' })
    const stranger = { preconditions: { uid: 'another' } }
    expect(await refusalOf(api.deleteNamespacedSecret({ ...named, body: stranger }))).toMatchObject({
      code: 409,
    })
    expect(await refusalOf(api.readNamespacedSecret(named))).toMatchObject({
      code: 403,
      body: {
        message: `secrets "one-env" is forbidden: User "system:serviceaccount:slipway:slipway" cannot get resource "secrets" in API group "" in the namespace "${NAMESPACE}"`,
      },
    })
    expect(kubernetes.used()).toEqual(['create secrets', 'delete secrets', 'get secrets', 'patch secrets'])
  })

  test('removes what belongs to a Service with it, and what comes too late', async () => {
    const { kubernetes, api } = await cluster()
    const body = { metadata: { name: 'anchor' }, spec: { ports: [{ port: 80 }] } }
    const { metadata } = await api.createNamespacedService({ namespace: NAMESPACE, body })
    const owner = { apiVersion: 'v1', kind: 'Service', name: 'anchor', uid: metadata?.uid ?? '' }
    const owned = (name: string) => ({ metadata: { name, ownerReferences: [owner] } })
    await api.createNamespacedSecret({ namespace: NAMESPACE, body: owned('early') })
    await api.deleteNamespacedService({ namespace: NAMESPACE, name: 'anchor' })
    await api.createNamespacedSecret({ namespace: NAMESPACE, body: owned('late') })
    await until('both are gone', () => kubernetes.store.all().every(({ object }) => object.kind !== 'Secret'))
  })

  test('serves what a container printed, line by line, to its last word', async () => {
    const { kubernetes, api, config } = await cluster()
    const { podIP } = await running({ kubernetes, api }, podNamed('one', 'prints'))
    const lines: string[] = []
    const output = new PassThrough().on('data', (chunk) => lines.push(String(chunk)))
    await new Log(config).log(NAMESPACE, 'one', 'service', output, { follow: true, timestamps: true })
    await fetch(`http://${podIP}:8080/${encodeURIComponent('one\nand ')}`)
    await fetch(`http://${podIP}:8080/${encodeURIComponent('two\n')}`, { method: 'POST' })
    await api.deleteNamespacedPod({ namespace: NAMESPACE, name: 'one' })
    await until('it has ended', () => output.writableEnded)
    const printed = lines
      .join('')
      .split('\n')
      .map((line) => /^(\S+Z) (.*)$/.exec(line)?.slice(1) ?? [])
    expect(printed.map(([, text]) => text)).toEqual(['one', 'two', 'and Goodbye', undefined])
    expect(printed[0]?.[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
  })
})

describe('faults of the API server of tests', () => {
  test('answers get lost after the deed, refused before it, throttled, and cut off with the whole API', async () => {
    const { kubernetes, api } = await cluster()
    const create = (name: string) =>
      api.createNamespacedSecret({ namespace: NAMESPACE, body: labelled(name, 'x') })
    const isThere = (name: string) =>
      kubernetes.store.all().some(({ object }) => object.metadata.name === name)
    kubernetes.faults.decide = ({ name }) => (name ? 'passed' : 'lost')
    await expect(create('lost')).rejects.toThrow()
    kubernetes.faults.decide = () => 'refused'
    await expect(create('refused')).rejects.toThrow()
    expect([isThere('lost'), isThere('refused')]).toEqual([true, false])
    kubernetes.faults.decide = () => 'throttled'
    expect(await refusalOf(create('x'))).toMatchObject({ code: 429, headers: { 'retry-after': '1' } })
    kubernetes.faults.decide = () => 'passed'
    await kubernetes.goAway()
    await expect(create('x')).rejects.toThrow(/ECONNREFUSED/)
    await kubernetes.comeBack()
    await create('x')
  })

  test('Pods wait for GPUs, go over a quota, and have no image, key or answer', async () => {
    const { kubernetes, api } = await cluster({ allocatable: { 'nvidia.com/gpu': '1' } })
    const gpu = { limits: { 'nvidia.com/gpu': '1' } }
    const create = (name: string, image = 'answers', resources = {}) => {
      const body = podNamed(name, image)
      Object.assign(body.spec?.containers[0] ?? {}, { resources, envFrom: [] })
      return api.createNamespacedPod({ namespace: NAMESPACE, body })
    }
    const waiting = (name: string, reason: string) =>
      until(`${name} says ${reason}`, () => {
        const { containerStatuses = [], conditions = [] } = kubernetes.pod(name)?.status ?? {}
        const found = [...containerStatuses.map(({ state }) => state.waiting), ...conditions]
        return found.find((one) => one?.reason === reason)
      })
    await create('first', 'answers', gpu)
    await create('second', 'answers', gpu)
    expect((await waiting('second', 'Unschedulable')).message).toContain('Insufficient nvidia.com/gpu')
    await api.deleteNamespacedPod({ namespace: NAMESPACE, name: 'first' })
    await until('there is room', () => kubernetes.pod('second')?.status.phase === 'Running')
    await create('nowhere', 'no/such:image')
    expect((await waiting('nowhere', 'ImagePullBackOff')).message).toContain('not found')
    kubernetes.faults.pull = () => 'i/o timeout'
    await create('away')
    expect((await waiting('away', 'ErrImagePull')).message).toContain('i/o timeout')
    kubernetes.faults.pull = () => undefined
    await api.createNamespacedPod({ namespace: NAMESPACE, body: podNamed('bare') })
    expect((await waiting('bare', 'CreateContainerConfigError')).message).toBe('secret "bare-env" not found')
    const quota = { metadata: { name: 'few' }, spec: { hard: { pods: '4' } } }
    await api.createNamespacedResourceQuota({ namespace: NAMESPACE, body: quota })
    expect(await refusalOf(create('more'))).toMatchObject({
      code: 403,
      body: {
        message: expect.stringContaining(
          'exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4',
        ),
      },
    })
  })

  test('Pods run out of memory, are evicted, hang on a finalizer, and are lost with their node', async () => {
    const { kubernetes, api } = await cluster()
    kubernetes.faults.finalizer = 'example.com/held'
    await running({ kubernetes, api }, podNamed('held'))
    kubernetes.faults.finalizer = undefined
    for (const name of ['greedy', 'evicted', 'lost']) await running({ kubernetes, api }, podNamed(name))
    await kubernetes.oomKill('greedy', 'service')
    const greedy = kubernetes.pod('greedy')?.status
    expect(greedy?.phase).toBe('Failed')
    expect(greedy?.containerStatuses?.[0]?.state.terminated).toMatchObject({
      reason: 'OOMKilled',
      exitCode: 137,
    })
    await kubernetes.evict('evicted')
    expect(kubernetes.pod('evicted')?.status).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
    await api.deleteNamespacedPod({ namespace: NAMESPACE, name: 'held' })
    await until('its container has ended', () => !runs(kubernetes, 'held'))
    expect(kubernetes.pod('held')?.metadata.deletionTimestamp).toBeDefined()
    kubernetes.releaseFinalizers('example.com/held')
    await until('it is gone', () => !kubernetes.pod('held'))
    await kubernetes.loseNode()
    expect([kubernetes.pod('lost')?.status.phase, runs(kubernetes, 'lost')]).toEqual(['Running', false])
    kubernetes.removeNode()
    expect(kubernetes.pod('lost')).toBeUndefined()
  })
})

type Cluster = Awaited<ReturnType<typeof cluster>>

const runs = (kubernetes: Cluster['kubernetes'], name: string) =>
  kubernetes.pods().some((pod) => pod.name === name && pod.containers.length > 0)

async function running({ kubernetes, api }: Pick<Cluster, 'kubernetes' | 'api'>, body: V1Pod) {
  const name = body.metadata?.name ?? ''
  await api.createNamespacedSecret({ namespace: NAMESPACE, body: secretFor(name) })
  await api.createNamespacedPod({ namespace: NAMESPACE, body })
  return until(`${name} is ready`, () => {
    const { status } = kubernetes.pod(name) ?? {}
    return status?.containerStatuses?.every(({ ready }) => ready) ? status : undefined
  })
}

const labelled = (name: string, kind: string): V1Secret => ({ metadata: { name, labels: { kind } } })

/** What a question was refused with, its body read. */
async function refusalOf(answer: Promise<unknown>) {
  const failure = await answer.then(
    () => undefined,
    (error) => error,
  )
  expect(failure).toBeInstanceOf(ApiException)
  return { code: failure.code, headers: failure.headers, body: parsed(failure.body) }
}

const parsed = (body: unknown) => (typeof body === 'string' ? JSON.parse(body) : body)

async function watching(config: KubeConfig, query: Record<string, string>) {
  const events: string[] = []
  const path = `/api/v1/namespaces/${NAMESPACE}/secrets`
  let finish = () => {}
  const ended = new Promise<void>((resolve) => {
    finish = resolve
  })
  const tell = (type: string, object: { code?: number; metadata?: { name?: string } }) =>
    void events.push(`${type} ${object.code ?? object.metadata?.name}`)
  const end = await new Watch(config).watch(path, { ...query, allowWatchBookmarks: true }, tell, () =>
    finish(),
  )
  onTestFinished(() => end.abort())
  return { events, ended }
}
