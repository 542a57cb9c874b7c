import { expect, test } from 'vitest'
import { launchMachine } from '~/db/machine-requests'
import { getMachine } from '~/db/machines'
import { launch } from '~/worker/launch'
import { sweeper } from '~/worker/sweeper'
import { SOMEBODY } from '../support/actors'
import { PODS } from '../support/kubernetes/resources'
import { testDeps } from '../support/worker-deps'
import { never } from './conformance'
import { kubernetesBench } from './kubernetes-bench'

test('a Pod of a lost node is not waited for again, holds up no other machine, and is let go with its node', async () => {
  const { cluster, admin, open } = await kubernetesBench()
  const { db, member, deps, clock, lines } = testDeps(open())
  const statusOf = (id: string) => getMachine(db, member.id, id)?.status
  const [lost = '', gone = ''] = await Promise.all(
    ['Lost', 'Gone'].map(async (name) => {
      const ref = launchMachine(db, { userId: member.id, kind: 'comfyui', name }, SOMEBODY, clock)
      await launch(deps, ref, never())
      return ref.machineId
    }),
  )
  const podOf = (machineId: string) =>
    cluster.pods().find(({ labels }) => labels['slipway.dev/machine'] === machineId)?.name ?? ''
  const [lostPod, gonePod] = [podOf(lost), podOf(gone)]
  await admin.api.deleteNamespacedPod({ ...admin, name: gonePod, gracePeriodSeconds: 0 })
  await cluster.loseNode()
  // As the node controller deletes what it hears nothing of.
  await admin.api.deleteNamespacedPod({ ...admin, name: lostPod })
  const pod = cluster.pod(lostPod)
  if (!pod) throw new Error('The Pod of a lost node stays in the API.')
  pod.metadata.deletionTimestamp = '2020-01-01T00:00:00Z'
  cluster.store.update(PODS, pod)

  const asked = new Set<string>()
  cluster.faults.decide = ({ verb, resource, name }) => {
    asked.add([verb, resource, name].join(' ').trim())
    return 'passed'
  }
  const sweep = sweeper(deps, never(), () => undefined)
  await sweep()
  expect([statusOf(lost), statusOf(gone)]).toEqual(['running', 'failed'])
  expect([...asked].filter((question) => /watch|pods\/log/.test(question))).toEqual([])
  expect(lines.join('\n')).toContain(`The Pod ${lostPod} does not end. If its node node-1 is lost`)

  cluster.removeNode()
  await sweep()
  expect(statusOf(lost)).toBe('failed')
})
