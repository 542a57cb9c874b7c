import { describe, expect, test } from 'vitest'
import { labelsOf, nameOf, type Owner } from '~/worker/runtimes/kubernetes/names'
import type { Fate } from '../support/kubernetes/contract'
import { SERVICES } from '../support/kubernetes/resources'
import { failureOf, never, planFor } from './conformance'
import { kubernetesBench, NAMESPACE } from './kubernetes-bench'

const one = ['filebrowser'] as const

describe('the kubernetes runtime: trouble with the API', () => {
  test('a watch that is cut, too old or told twice keeps no start from its end', async () => {
    const { open, cluster } = await kubernetesBench()
    const runtime = open()
    let events = 0
    cluster.faults.event = () => {
      if (++events % 4 === 1) cluster.cutWatches()
      if (events % 4 === 3) cluster.compact()
      return events % 3 ? 'passed' : 'twice'
    }
    cluster.faults.unschedulable = 'Insufficient cpu'
    const report = () => {
      cluster.faults.unschedulable = undefined
    }
    await runtime.start({ ...planFor(one), report }, never())
    expect(events).toBeGreaterThan(1)
    await runtime.stop('machine')
    expect(await runtime.list()).toEqual([])
  })

  test('an answer that is lost makes nothing twice', async () => {
    const { open, cluster } = await kubernetesBench()
    const questions = new Map<string, number>()
    cluster.faults.decide = ({ verb, resource }) => {
      const question = `${verb} ${resource}`
      const count = (questions.get(question) ?? 0) + 1
      questions.set(question, count)
      if (!['create', 'delete'].includes(verb)) return 'passed'
      return count === 1 ? 'lost' : 'passed'
    }
    const runtime = open()
    await runtime.start(planFor(one), never())
    expect(cluster.pods()).toHaveLength(1)
    expect(questions.get('create pods')).toBeGreaterThan(1)
    await runtime.stop('machine')
    expect(await runtime.list()).toEqual([])
  })

  const FATES = ['lost', 'twice', { delayMs: 50 }] as const
  test.each(FATES)('a start and a stop come to their end with every event %j', async (fate) => {
    const { open, cluster } = await kubernetesBench()
    Object.assign(cluster.faults, { event: () => fate, pull: () => 'slow', deletionHangs: true })
    // Nothing comes to pass before it is watched, so that the first list doesn't say it already.
    const onWatch = (act: () => void) => {
      cluster.faults.decide = ({ verb }) => {
        if (verb === 'watch') act()
        return 'passed'
      }
    }
    onWatch(() => {
      cluster.faults.pull = () => undefined
    })
    const runtime = open({ resyncMs: 100 })
    await runtime.start(planFor(one), never())
    onWatch(() => {
      cluster.faults.deletionHangs = false
    })
    await runtime.stop('machine')
    expect(await runtime.list()).toEqual([])
  })

  test('a list of several pages is whole and of one moment, also when that was forgotten between two of them', async () => {
    const { open, cluster, installationId } = await kubernetesBench()
    const ids = Array.from({ length: 501 }, (_, at) => `machine-${at}`)
    const owner = (machineId: string) => ({ installationId, machineId, attempt: 1 })
    for (const machineId of ids) cluster.store.create(SERVICES, serviceOf(owner(machineId)))
    let questions = 0
    cluster.faults.decide = ({ resource }) => {
      if (resource === 'services' && ++questions === 2) {
        cluster.store.remove(SERVICES, NAMESPACE, nameOf(owner('machine-0')))
        cluster.store.create(SERVICES, serviceOf(owner('new')))
        cluster.compact()
      }
      return 'passed'
    }
    const found = await open().list()
    expect(found.map(({ machineId }) => machineId).sort()).toEqual([...ids.slice(1), 'new'].sort())
    expect(questions).toBe(4)
  })

  test('what is throttled or fails inside is asked again, and in the end given up for a later try', async () => {
    const [busy, broken] = await Promise.all([kubernetesBench(), kubernetesBench()])
    const fates: Fate[] = ['throttled', 'internal']
    busy.cluster.faults.decide = ({ verb }) => (verb === 'create' && fates.shift()) || 'passed'
    broken.cluster.faults.decide = () => 'internal'
    const given = failureOf(broken.open().list())
    await busy.open().start(planFor(one), never())
    expect([fates, busy.cluster.pods().length]).toEqual([[], 1])
    const { errorClass, retryable, detail } = await given
    expect([errorClass, retryable]).toEqual(['runtime_unavailable', true])
    expect(detail).toContain('etcdserver: request timed out')
  })

  test('a stop says of a Pod that does not end what holds it, and the next one goes on', async () => {
    const { open, cluster } = await kubernetesBench()
    cluster.faults.finalizer = 'example.com/held'
    const runtime = open({ endPatienceMs: 0 })
    await runtime.start(planFor(one), never())
    const failure = await failureOf(runtime.stop('machine'))
    expect([failure.errorClass, failure.retryable]).toEqual(['runtime_unavailable', true])
    expect(failure.detail).toContain('example.com/held')
    expect(await runtime.list()).toMatchObject([{ machineId: 'machine', services: [] }])
    cluster.releaseFinalizers('example.com/held')
    await runtime.stop('machine')
    expect(await runtime.list()).toEqual([])
  })
})

const serviceOf = (owner: Owner) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: nameOf(owner), namespace: NAMESPACE, labels: labelsOf(owner) },
})
