import { describe, expect, test } from 'vitest'
import { launchMachine } from '~/db/machine-requests'
import { getMachine } from '~/db/machines'
import { launch } from '~/worker/launch'
import { SOMEBODY } from '../support/actors'
import { until } from '../support/until'
import { testDeps } from '../support/worker-deps'
import { never } from './conformance'
import { kubernetesBench } from './kubernetes-bench'

async function launching() {
  const { cluster, admin, open } = await kubernetesBench()
  const system = testDeps(open())
  const { db, member, deps, clock } = system
  const request = { userId: member.id, kind: 'comfyui' as const, name: 'One' }
  const ref = launchMachine(db, request, SOMEBODY, clock)
  const machine = () => getMachine(db, member.id, ref.machineId)
  const timeline = () =>
    machine()
      ?.events.map(({ text }) => text)
      .join('\n')
  return { cluster, admin, machine, timeline, work: () => launch(deps, ref, never()) }
}

describe('a launch in a cluster', () => {
  test('that finds no node says so on the machine’s timeline, with its place, and runs once there is one', async () => {
    const { cluster, machine, timeline, work } = await launching()
    cluster.faults.unschedulable = 'Insufficient nvidia.com/gpu'
    const done = work()
    await until('it is said', () => timeline()?.includes('Waiting for room in the cluster, as number 1: '))
    expect(timeline()).toContain('Insufficient nvidia.com/gpu')
    cluster.faults.unschedulable = undefined
    await done
    expect(machine()?.status).toBe('running')
  })

  test('that the quota refuses waits for its turn, says so on the timeline, and runs once there is room', async () => {
    const { admin, machine, timeline, work } = await launching()
    const quota = { metadata: { name: 'few' }, spec: { hard: { pods: '0' } } }
    await admin.api.createNamespacedResourceQuota({ ...admin, body: quota })
    const done = work()
    await until('it is said', () => timeline()?.includes('Waiting for room in the quota, as number 1: '))
    expect(timeline()).toContain('exceeded quota: few')
    await admin.api.deleteNamespacedResourceQuota({ ...admin, name: 'few' })
    await done
    expect(machine()?.status).toBe('running')
  })
})
