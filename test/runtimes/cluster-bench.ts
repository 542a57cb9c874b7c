import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { KubeConfig, type V1Pod } from '@kubernetes/client-node'
import { expect, onTestFinished } from 'vitest'
import { kubernetesRuntime } from '~/worker/runtimes/kubernetes/runtime'
import { until } from '../support/until'
import { makeNamespace, tolerating } from './cluster-namespace'
import { type Bench, LOG_BYTES_MAX, TOKEN } from './conformance'
import { apiVariables, CLAIM, foreignPod, OWN_VARIABLES } from './kubernetes-bench'

/** A node for tests may be small. */
const SIZE = { name: 'small', label: 'Small', cpus: 0.25, memoryGiB: 0.25, pids: 4096 }

export interface ClusterSettings {
  /** An administrator's. */
  config: KubeConfig
  /** A folder of this host that nodes have under the same path. What is in it goes after each test. */
  storage: string
  /** Without its tag, which is the behaviour. */
  image: string
}

/** @throws Error naming the setting that is missing, before anything was asked of the cluster that KUBECONFIG names */
export function clusterSettings(env: Record<string, string | undefined>): ClusterSettings {
  const storage = env.SLIPWAY_TEST_STORAGE
  if (!storage)
    throw new Error(
      'With KUBECONFIG tests make machines in that cluster, and SLIPWAY_TEST_STORAGE must name a folder for them (test/runtimes/README.md). Unset KUBECONFIG to leave the cluster alone.',
    )
  const config = new KubeConfig()
  config.loadFromDefault()
  return { config, storage, image: env.SLIPWAY_TEST_IMAGE ?? 'slipway-test' }
}

/** Benches in a namespace of their own, which is told from others by nothing but the cluster's API. */
export async function openClusterBenches({ config, storage, image }: ClusterSettings) {
  if (readdirSync(storage).length)
    throw new Error(`${storage} must be empty, as tests remove all that is in it.`)
  const made = await makeNamespace(config, { claim: CLAIM, path: storage })
  const { core, namespace, kubeconfig } = made
  const answers = `${image}:answers`

  async function clear() {
    for (const { metadata } of (await core.listNamespacedService({ namespace })).items)
      await core.deleteNamespacedService({ namespace, name: metadata?.name ?? '' }).catch(tolerating(404))
    await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 1 })
    const left = async () => (await core.listNamespacedPod({ namespace })).items.length
    await until('all Pods are gone', async () => (await left()) === 0, 90_000)
    for (const name of readdirSync(storage)) rmSync(join(storage, name), { recursive: true, maxRetries: 5 })
  }

  async function bench(): Promise<Bench> {
    const installationId = `test-${randomBytes(4).toString('hex')}`
    const mine = { namespace, labelSelector: `slipway.dev/installation=${installationId}` }
    const pods = async () => (await core.listNamespacedPod(mine)).items
    onTestFinished(clear)

    return {
      dataDir: storage,
      open: async ({ comfyui, startTimeoutMs = 60_000 } = {}) => {
        const runtime = kubernetesRuntime({
          kubernetes: { kubeconfig, namespace, volumeClaim: CLAIM, reach: 'pod', imagePullSecret: undefined },
          dataDir: storage,
          installationId,
          comfyuiImage: comfyui && `${image}:${comfyui}`,
          trainerImage: undefined,
          filebrowserImage: answers,
          startTimeoutMs,
          logs: { bytesMax: LOG_BYTES_MAX },
          // Nobody is root in a restricted namespace. The stand-in doesn't mind whose the folders are.
          user: { uid: process.getuid?.() || 1000, gid: process.getgid?.() || 1000 },
          stopGraceMs: 1000,
        })
        return { ...runtime, start: (plan, signal) => runtime.start({ ...plan, size: SIZE }, signal) }
      },
      living: async () =>
        (await pods()).flatMap((pod) =>
          running(pod).map((service) => ({
            machineId: pod.metadata?.labels?.['slipway.dev/machine'] ?? '',
            attempt: Number(pod.metadata?.labels?.['slipway.dev/attempt']),
            service,
          })),
        ),
      addresses: /^http:\/\/(\d+(\.\d+){3}|\[[0-9a-f:]+\]):\d+$/,
      // The first process of a container can't be killed from within, so it is asked.
      async kill(service) {
        const pod = (await pods()).find((one) => running(one).includes(service))
        const container = pod?.spec?.containers.find(({ name }) => name === service)
        const ip = pod?.status?.podIP ?? ''
        const address = `http://${isIPv6(ip) ? `[${ip}]` : ip}:${container?.ports?.[0]?.containerPort}`
        await fetch(address, { method: 'DELETE' }).catch(() => undefined)
        await until(`${service} ends`, async () => !(await pods()).flatMap(running).includes(service))
      },
      async publicText() {
        const secrets = (await core.listNamespacedSecret(mine)).items
        const values = secrets.flatMap(({ data = {} }) => Object.values(data))
        expect(values.map((value) => Buffer.from(value, 'base64').toString()).join()).toContain(TOKEN)
        const services = await core.listNamespacedService({ namespace })
        const events = await core.listNamespacedEvent({ namespace })
        return JSON.stringify([await pods(), services, events, secrets.map(({ data: _, ...rest }) => rest)])
      },
      ownVariables: OWN_VARIABLES,
      inherited: ['PATH', 'HOSTNAME', 'NODE_VERSION', 'YARN_VERSION'].concat(
        // The API has a Service in a cluster, and in the stand-in a port of its own.
        ['443', new URL(config.getCurrentCluster()?.server ?? '').port].flatMap(apiVariables),
      ),
      async addForeign(machineId) {
        await core.createNamespacedPod({ namespace, body: foreignPod(machineId, answers) })
        const isAlive = async () =>
          running(await core.readNamespacedPod({ namespace, name: 'foreign' })).length > 0
        await until('the foreign Pod runs', isAlive, 60_000)
        return { isAlive }
      },
    }
  }
  return { bench, remove: made.remove }
}

const running = ({ status }: V1Pod) =>
  (status?.containerStatuses ?? []).filter(({ state }) => state?.running).map(({ name }) => name)
