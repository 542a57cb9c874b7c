import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startBareKubernetes } from '../support/kubernetes/bare'
import { grantedRights } from '../support/kubernetes/manifests'
import { temporaryFolder } from '../support/temp-folder'
import { IMAGES } from './behaviours'
import { clusterSettings, openClusterBenches } from './cluster-bench'
import { conforms, never, planFor, TOKEN } from './conformance'
import { conformsWithAWorkspace } from './conformance-workspaces'
import { CLAIM } from './kubernetes-bench'

const both = ['comfyui', 'filebrowser'] as const

if (process.env.KUBECONFIG) {
  vi.setConfig({ testTimeout: 180_000 })
  let benches: Awaited<ReturnType<typeof openClusterBenches>>
  beforeAll(async () => {
    benches = await openClusterBenches(clusterSettings(process.env))
  })
  afterAll(() => benches?.remove(), 120_000)
  conforms('the kubernetes runtime in a cluster', () => benches.bench())
  conformsWithAWorkspace('the kubernetes runtime in a cluster', () => benches.bench())
} else
  test('the bench for clusters runs a machine, sees it and clears up, with the rights that Slipway has', async () => {
    const folder = temporaryFolder()
    const kubernetes = await startBareKubernetes({ images: IMAGES, claims: { [CLAIM]: folder.path } })
    onTestFinished(async () => {
      await kubernetes.stop()
      folder.remove()
    })
    const config = new KubeConfig()
    config.loadFromFile(kubernetes.adminKubeconfig)
    const benches = await openClusterBenches({ config, storage: folder.path, image: 'slipway-test' })
    onTestFinished(benches.remove)
    const bench = await benches.bench()
    const foreign = await bench.addForeign('machine')
    const runtime = await bench.open({ comfyui: 'answers' })
    await runtime.start(planFor(both), never())
    expect((await bench.living()).map(({ service }) => service)).toEqual([...both])
    expect(await bench.publicText()).not.toContain(TOKEN)
    await bench.kill('comfyui')
    expect(await runtime.list()).toMatchObject([{ machineId: 'machine', services: ['filebrowser'] }])
    expect(await foreign.isAlive()).toBe(true)
    expect(grantedRights()).toEqual(expect.arrayContaining(kubernetes.used()))
  })

test('whoever has KUBECONFIG set for other ends is told so before anything is asked of that cluster', () => {
  expect(() => clusterSettings({ KUBECONFIG: '/nowhere' })).toThrow(/SLIPWAY_TEST_STORAGE.*Unset KUBECONFIG/s)
})
