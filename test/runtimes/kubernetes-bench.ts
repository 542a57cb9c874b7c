import { execFileSync } from 'node:child_process'
import { CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node'
import { expect, onTestFinished } from 'vitest'
import { type KubernetesRuntimeSettings, kubernetesRuntime } from '~/worker/runtimes/kubernetes/runtime'
import { machinesRules } from '../support/kubernetes/manifests'
import { startKubernetes } from '../support/kubernetes/start'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { IMAGES } from './behaviours'
import { type Bench, LOG_BYTES_MAX, TOKEN } from './conformance'

export const NAMESPACE = 'slipway-machines'
export const CLAIM = 'slipway-files'
export const IMAGE = 'slipway-test:answers'

export const OWN_VARIABLES = ['HOME', 'HOST', 'PORT', 'PYTHONUNBUFFERED', 'SERVED_AS', 'WORKSPACE'].concat(
  ['ATTEMPT', 'MACHINE_ID', 'SERVICE'].map((name) => `SLIPWAY_${name}`),
)

const used = new Set<string>()

/** Verb and resource of all that runtimes on benches of this file have asked so far, sorted. */
export const usedRights = () => [...used].sort()

/**
 * A cluster of the test's own, where the control plane has the rights that deploy/kubernetes gives it.
 */
export async function kubernetesBench() {
  const folder = temporaryFolder()
  const installationId = `test-${process.pid}-${Math.random().toString(36).slice(2)}`
  const kubernetes = await startKubernetes({
    images: IMAGES,
    claims: { [CLAIM]: folder.path },
    namespaces: [NAMESPACE],
    isRestricted: true,
    rules: machinesRules(),
  })
  onTestFinished(async () => {
    for (const right of kubernetes.used()) used.add(right)
    await kubernetes.stop()
    folder.remove()
  })
  const config = new KubeConfig()
  config.loadFromFile(kubernetes.adminKubeconfig)
  const admin = config.makeApiClient(CoreV1Api)

  const open = (options: Partial<KubernetesRuntimeSettings> = {}) =>
    kubernetesRuntime({
      kubernetes: {
        kubeconfig: kubernetes.kubeconfig,
        namespace: NAMESPACE,
        volumeClaim: CLAIM,
        reach: 'pod',
        imagePullSecret: undefined,
      },
      dataDir: folder.path,
      installationId,
      comfyuiImage: undefined,
      trainerImage: undefined,
      filebrowserImage: IMAGE,
      startTimeoutMs: 10_000,
      logs: { bytesMax: LOG_BYTES_MAX },
      user: { uid: 1000, gid: 1000 },
      stopGraceMs: 1000,
      ...options,
    })
  const mine = () =>
    kubernetes.pods().filter(({ labels }) => labels['slipway.dev/installation'] === installationId)

  const bench: Bench = {
    dataDir: folder.path,
    open: async ({ comfyui, startTimeoutMs } = {}) =>
      open({
        ...(startTimeoutMs && { startTimeoutMs }),
        ...(comfyui && { comfyuiImage: `slipway-test:${comfyui}` }),
      }),
    living: async () =>
      mine().flatMap(({ labels, containers }) =>
        containers.map(({ name }) => ({
          machineId: labels['slipway.dev/machine'] ?? '',
          attempt: Number(labels['slipway.dev/attempt']),
          service: name,
        })),
      ),
    async kill(service) {
      const pod = mine().find(({ containers }) => containers.some(({ name }) => name === service))
      await kubernetes.killContainer(pod?.name ?? '', service)
    },
    async publicText() {
      const all = kubernetes.store.all().map(({ object }) => object)
      const [secrets, others] = [true, false].map((is) =>
        all.filter(({ kind }) => (kind === 'Secret') === is),
      )
      const values = (secrets ?? []).flatMap(({ data }) => Object.values(data ?? {}))
      expect(values.map((value) => Buffer.from(value, 'base64').toString()).join()).toContain(TOKEN)
      const shown = [...(others ?? []), ...(secrets ?? []).map(({ data: _, ...rest }) => rest)]
      return JSON.stringify(shown) + execFileSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' })
    },
    ownVariables: OWN_VARIABLES,
    inherited: ['PATH', 'HOSTNAME', ...apiVariables(new URL(kubernetes.url).port)],
    async addForeign(machineId) {
      await admin.createNamespacedPod({ namespace: NAMESPACE, body: foreignPod(machineId, IMAGE) })
      const isAlive = async () =>
        kubernetes.pods().some(({ name, containers }) => name === 'foreign' && containers.length > 0)
      await until('the foreign Pod runs', isAlive)
      return { isAlive }
    },
  }
  return { bench, cluster: kubernetes, admin: { api: admin, namespace: NAMESPACE }, installationId, open }
}

/** What every container of a cluster finds, whatever its Pod says. */
export const apiVariables = (port: string) =>
  ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTPS', 'PORT']
    .concat(['', '_PROTO', '_PORT', '_ADDR'].map((end) => `PORT_${port}_TCP${end}`))
    .map((name) => `KUBERNETES_${name}`)

export const foreignPod = (machineId: string, image: string): V1Pod => ({
  metadata: {
    name: 'foreign',
    labels: {
      'app.kubernetes.io/managed-by': 'slipway',
      'slipway.dev/installation': 'another',
      'slipway.dev/machine': machineId,
      'slipway.dev/attempt': '1',
    },
  },
  spec: {
    restartPolicy: 'Never',
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'filebrowser',
        image,
        env: [
          { name: 'HOST', value: '0.0.0.0' },
          { name: 'PORT', value: '8080' },
          { name: 'HOME', value: '/tmp' },
        ],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  },
})
