import { describe, expect, test } from 'vitest'
import type { MachineSize } from '~/machine-sizes'
import { addressOf, servedAs } from '~/worker/runtimes/kubernetes/addresses'
import { labelsOf, nameOf } from '~/worker/runtimes/kubernetes/names'
import type { LaunchPlan } from '~/worker/runtimes/runtime'
import { grantedRights } from '../support/kubernetes/manifests'
import { SERVICES } from '../support/kubernetes/resources'
import { STANDARD } from '../support/sizes'
import { until } from '../support/until'
import { conforms, failureOf, never, planFor } from './conformance'
import { conformsWithAWorkspace } from './conformance-workspaces'
import { IMAGE, kubernetesBench, NAMESPACE, usedRights } from './kubernetes-bench'

const one = ['filebrowser'] as const
const both = ['comfyui', 'filebrowser'] as const

conforms('the kubernetes runtime', async () => (await kubernetesBench()).bench)
conformsWithAWorkspace('the kubernetes runtime', async () => (await kubernetesBench()).bench)

const timelineOf = (plan: LaunchPlan) => {
  const timeline: string[] = []
  return { timeline, plan: { ...plan, report: (text: string) => void timeline.push(text) } }
}

describe('the kubernetes runtime: what is in the cluster', () => {
  test('is a restricted Pod, with the snapshot in an immutable Secret that goes with the Service', async () => {
    const { admin, open } = await kubernetesBench()
    const runtime = open({ comfyuiImage: IMAGE })
    const size: MachineSize = {
      ...STANDARD,
      gpus: { count: 2 },
      kubernetes: { nodeSelector: { gpu: 'l4' }, tolerations: [{ key: 'gpu', operator: 'Exists' }] },
    }
    const starting = new AbortController()
    const plan = { ...planFor(both), size, requestId: '4x7k2m5q3w6y2abc' }
    const started = runtime.start(plan, starting.signal).catch(() => undefined)
    const pods = async () => (await admin.api.listNamespacedPod(admin)).items
    await until('there is a Pod', async () => (await pods()).length === 1)
    starting.abort()
    await started
    const [pod] = await pods()
    const [secret] = (await admin.api.listNamespacedSecret(admin)).items
    const [service] = (await admin.api.listNamespacedService(admin)).items
    expect(secret?.immutable).toBe(true)
    expect(pod?.metadata?.labels?.['slipway.dev/request']).toBe('4x7k2m5q3w6y2abc')
    for (const { metadata } of [pod ?? {}, secret ?? {}])
      expect(metadata?.ownerReferences).toMatchObject([{ kind: 'Service', uid: service?.metadata?.uid }])
    expect(pod?.spec).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: { gpu: 'l4' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    })
    const [comfyui, filebrowser] = pod?.spec?.containers ?? []
    for (const container of [comfyui, filebrowser]) {
      expect(container?.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      })
      expect(container?.resources?.requests).toEqual(container?.resources?.limits)
    }
    expect(comfyui?.resources?.limits).toMatchObject({ 'nvidia.com/gpu': '2' })
    expect(filebrowser?.resources?.limits).not.toHaveProperty('nvidia.com/gpu')
    await admin.api.deleteNamespacedService({ ...admin, name: service?.metadata?.name ?? '' })
    await until('all of it is gone', async () => {
      const secrets = await admin.api.listNamespacedSecret(admin)
      return secrets.items.length === 0 && (await pods()).length === 0
    })
  })

  test('that an earlier try made with another token is made anew', async () => {
    const { open, cluster } = await kubernetesBench()
    const runtime = open()
    await runtime.start(planFor(one), never())
    const today = planFor(one)
    today.snapshot = [{ service: 'filebrowser', env: { HF_TOKEN: 'hf_CANARYnew' } }]
    const [service] = await runtime.start(today, never())
    expect(await (await fetch(service?.address ?? '')).json()).toMatchObject({ HF_TOKEN: 'hf_CANARYnew' })
    expect(cluster.pods()).toHaveLength(1)
  })

  test('is gone after a stop: Pod, Service and Secret', async () => {
    const { open, admin } = await kubernetesBench()
    const runtime = open()
    await runtime.start(planFor(one), never())
    await runtime.stop('machine')
    const left = await Promise.all([
      admin.api.listNamespacedPod(admin),
      admin.api.listNamespacedService(admin),
      admin.api.listNamespacedSecret(admin),
    ])
    expect(left.flatMap(({ items }) => items as unknown[])).toEqual([])
  })

  test('fault 33: what has our name and foreign labels is refused by name, and left alone', async () => {
    const { open, admin } = await kubernetesBench()
    const runtime = open()
    await runtime.start(planFor(one), never())
    const [pod] = (await admin.api.listNamespacedPod(admin)).items
    const name = pod?.metadata?.name ?? ''
    await runtime.stop('machine')
    const foreign = { metadata: { name }, spec: { ports: [{ port: 80 }] } }
    await admin.api.createNamespacedService({ ...admin, body: foreign })
    const failure = await failureOf(runtime.start(planFor(one), never()))
    expect([failure.errorClass, failure.retryable]).toEqual(['name_taken', false])
    expect(failure.detail).toContain(name)
    await runtime.stop('machine')
    expect((await admin.api.listNamespacedService(admin)).items).toHaveLength(1)
  })

  test.each(['.of-a-proxy', `${'x'.repeat(64)}`])(
    'a request’s id that can be no label (%s) is none',
    async (requestId) => {
      const { open, admin } = await kubernetesBench()
      await open().start({ ...planFor(one), requestId }, never())
      const [pod] = (await admin.api.listNamespacedPod(admin)).items
      expect(pod?.metadata?.labels).not.toHaveProperty('slipway.dev/request')
    },
  )

  test('by name a machine is reached through its Service, and by address in either family', () => {
    const run = { image: '', port: 8188, readyPath: '/', readonlyRoot: false }
    const pod = { metadata: { name: 'slipway-one', namespace: 'machines' }, status: { podIP: 'fd00::7' } }
    expect(addressOf(pod, run, 'service')).toBe('http://slipway-one.machines.svc:8188')
    expect(addressOf(pod, run, 'pod')).toBe('http://[fd00::7]:8188')
    expect(servedAs('slipway-one', 'machines', 'service').value).toBe('slipway-one.machines.svc')
  })
})

describe('the kubernetes runtime: failures', () => {
  test.each([
    ['not found', 'image_unavailable', false],
    ['i/o timeout', 'registry_unreachable', true],
  ] as const)('a registry that says “%s” is %s', async (said, errorClass, retryable) => {
    const { open, cluster } = await kubernetesBench()
    cluster.faults.pull = () => said
    const failure = await failureOf(open().start(planFor(one), never()))
    expect([failure.errorClass, failure.retryable]).toEqual([errorClass, retryable])
    expect(failure.detail).toContain(IMAGE)
  })

  test('want of room is said on the timeline with a place in the queue, and in time is no_room', async () => {
    const { open, cluster } = await kubernetesBench()
    cluster.faults.unschedulable = 'Insufficient nvidia.com/gpu'
    const { timeline, plan } = timelineOf(planFor(one))
    const failure = await failureOf(open({ startTimeoutMs: 300 }).start(plan, never()))
    expect([failure.errorClass, failure.detail]).toEqual([
      'no_room',
      expect.stringContaining('nvidia.com/gpu'),
    ])
    expect(timeline[0]).toMatch(
      /^Waiting for room in the cluster, as number 1: .*Insufficient nvidia\.com\/gpu/,
    )
  })

  test('those whom the quota refuses have places in the order of their coming, and a stop ends the wait', async () => {
    const { open, admin, cluster, installationId } = await kubernetesBench()
    const quota = { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } }
    await admin.api.createNamespacedResourceQuota({ ...admin, body: quota })
    const owner = { installationId, machineId: 'ahead', attempt: 1 }
    const ahead = cluster.store.create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: nameOf(owner), namespace: NAMESPACE, labels: labelsOf(owner) },
    })
    ahead.metadata.creationTimestamp = '2020-01-01T00:00:00Z'
    cluster.store.update(SERVICES, ahead)
    const { timeline, plan } = timelineOf(planFor(one))
    const stopping = new AbortController()
    const started = open().start(plan, stopping.signal)
    const ended = expect(started).rejects.toThrow('stopped')
    await until('it is said', () => timeline.length > 0)
    expect(timeline[0]).toMatch(/^Waiting for room in the quota, as number 2: .*exceeded quota: few/)
    stopping.abort(new Error('stopped'))
    await ended
    expect(cluster.pods()).toEqual([])
  })

  test('a Pod that no scheduler looks at is no_room in time', async () => {
    const { open, cluster } = await kubernetesBench()
    cluster.faults.schedulerAway = true
    const { timeline, plan } = timelineOf(planFor(one))
    const failure = await failureOf(open({ startTimeoutMs: 300 }).start(plan, never()))
    expect(failure.errorClass).toBe('no_room')
    expect(failure.detail).toContain('No scheduler has looked at the Pod')
    expect(timeline).toEqual([])
  })

  test('an image that never comes is start_hung, with what the cluster says of it', async () => {
    const { open, admin, cluster } = await kubernetesBench()
    cluster.faults.pull = () => 'slow'
    const runtime = open({ preparationMaxMs: 300 })
    const first = await failureOf(runtime.start(planFor(one), never()))
    expect([first.errorClass, first.retryable]).toEqual(['start_hung', false])
    expect(first.detail).toMatch(/images or volumes/)
    const [pod] = (await admin.api.listNamespacedPod(admin)).items
    const { name, uid } = pod?.metadata ?? {}
    for (const [type, reason] of [
      ['Warning', 'FailedMount'],
      ['Normal', 'Pulling'],
    ])
      await admin.api.createNamespacedEvent({
        ...admin,
        body: {
          metadata: { name: `${name}.${reason?.toLowerCase()}` },
          involvedObject: { kind: 'Pod', name, uid },
          type,
          reason,
          message: 'mount failed: exit status 32',
        },
      })
    const second = await failureOf(runtime.start(planFor(one), never()))
    expect(second.detail).toBe('FailedMount: mount failed: exit status 32')
  })

  test('room that comes in time is taken', async () => {
    const { open, cluster } = await kubernetesBench()
    cluster.faults.unschedulable = 'Insufficient cpu'
    const report = () => {
      cluster.faults.unschedulable = undefined
    }
    await open().start({ ...planFor(one), report }, never())
    expect(cluster.pods()).toHaveLength(1)
  })

  const message = (text: string) => ({ status: 403, reason: 'Forbidden', message: text })
  test.each([
    [
      'quota_exceeded',
      true,
      'pods "x" is forbidden: exceeded quota: all, requested: pods=1, used: pods=2, limited: pods=2',
    ],
    [
      'cluster_forbidden',
      false,
      'pods is forbidden: User "system:serviceaccount:slipway:slipway" cannot create resource "pods" in API group "" in the namespace "slipway-machines"',
    ],
    [
      'cluster_refused',
      false,
      'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    ],
  ] as const)(
    'what the API refuses is %s, and the detail is its own sentence',
    async (errorClass, retryable, text) => {
      const { open, cluster } = await kubernetesBench()
      cluster.faults.decide = ({ verb, resource }) =>
        verb === 'create' && resource === 'pods' ? message(text) : 'passed'
      const failure = await failureOf(open({ startTimeoutMs: 300 }).start(planFor(one), never()))
      expect([failure.errorClass, failure.retryable, failure.detail]).toEqual([errorClass, retryable, text])
    },
  )

  test('an API that is away is engine_unreachable for start, stop and list, and no error says the token', async () => {
    const { open, cluster } = await kubernetesBench()
    const runtime = open()
    await cluster.goAway()
    const tries = [runtime.start(planFor(one), never()), runtime.stop('machine'), runtime.list()]
    for (const failure of await Promise.all(tries.map(failureOf)))
      expect([failure.errorClass, failure.retryable]).toEqual(['engine_unreachable', true])
    await cluster.comeBack()
    cluster.faults.decide = ({ resource, verb }) =>
      resource === 'secrets' && verb === 'create'
        ? { status: 422, reason: 'Invalid', message: 'Secret "x" is invalid' }
        : 'passed'
    const failure = await failureOf(runtime.start(planFor(one), never()))
    expect(JSON.stringify([failure.detail, failure.message, failure.stack])).not.toContain('CANARY')
    expect(failure.errorClass).toBe('cluster_refused')
  })

  test('a machine that ran out of memory or was evicted says so once it is found gone', async () => {
    const { open, cluster } = await kubernetesBench()
    const runtime = open({ comfyuiImage: IMAGE })
    await runtime.start(planFor(both), never())
    const [pod] = cluster.pods()
    await cluster.oomKill(pod?.name ?? '', 'comfyui')
    await until('it is said', async () => (await runtime.list())[0]?.why?.includes('OOMKilled') ?? false)
    expect(await runtime.list()).toMatchObject([
      { services: [...one], why: expect.stringContaining('comfyui') },
    ])
    await cluster.evict(pod?.name ?? '')
    await until('it is gone', async () => (await runtime.list())[0]?.services.length === 0)
    expect((await runtime.list())[0]?.why).toMatch(/^Evicted: .*memory/)
  })
})

test('all that the runtime asks of the cluster is what deploy/kubernetes lets it ask', () => {
  expect(usedRights()).toEqual(grantedRights())
})
