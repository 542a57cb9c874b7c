import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig, RbacAuthorizationV1Api, type V1PolicyRule } from '@kubernetes/client-node'
import { machinesRules } from '../support/kubernetes/manifests'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'

const ACCOUNT = 'slipway'

/**
 * Makes a namespace that is as deploy/kubernetes makes the machines' one: it admits what is restricted, and an
 * account has the rights of that Role and no others.
 * @param config an administrator's
 * @param volume a claim of this name is made for this folder of all nodes
 */
export async function makeNamespace(config: KubeConfig, volume: { claim: string; path: string }) {
  const core = config.makeApiClient(CoreV1Api)
  const namespace = `slipway-test-${randomBytes(4).toString('hex')}`
  const folder = temporaryFolder()

  async function remove() {
    folder.remove()
    await core.deleteNamespace({ name: namespace }).catch(tolerating(404))
    await core.deletePersistentVolume({ name: namespace }).catch(tolerating(404))
    const look = () => core.readNamespace({ name: namespace }).catch(tolerating(404))
    await until('the namespace is gone', async () => !(await look()), 100_000)
  }

  async function makeAccount(): Promise<string> {
    const metadata = { name: ACCOUNT }
    // The cluster makes the default one too, sometime; Pods are refused before.
    for (const name of ['default', ACCOUNT])
      await core
        .createNamespacedServiceAccount({ namespace, body: { metadata: { name } } })
        .catch(tolerating(409))
    const rbac = config.makeApiClient(RbacAuthorizationV1Api)
    const rules = machinesRules() as V1PolicyRule[]
    await rbac.createNamespacedRole({ namespace, body: { metadata, rules } })
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: ACCOUNT }
    const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }]
    await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } })
    const spec = { audiences: [], expirationSeconds: 7200 }
    const asked = { namespace, name: ACCOUNT, body: { spec } }
    return (await core.createNamespacedServiceAccountToken(asked)).status?.token ?? ''
  }

  async function makeClaim() {
    const common = { accessModes: ['ReadWriteMany'], storageClassName: '' }
    const storage = '1Gi'
    await core.createPersistentVolume({
      body: {
        metadata: { name: namespace },
        spec: {
          ...common,
          capacity: { storage },
          persistentVolumeReclaimPolicy: 'Retain',
          claimRef: { namespace, name: volume.claim },
          hostPath: { path: volume.path, type: 'Directory' },
        },
      },
    })
    const spec = { ...common, volumeName: namespace, resources: { requests: { storage } } }
    const body = { metadata: { name: volume.claim }, spec }
    await core.createNamespacedPersistentVolumeClaim({ namespace, body })
  }

  async function writeKubeconfig(token: string): Promise<string> {
    const cluster = config.getCurrentCluster()
    if (!cluster) throw new Error('The current context of KUBECONFIG names no cluster.')
    const own = new KubeConfig()
    own.loadFromClusterAndUser(cluster, { name: ACCOUNT, token })
    const file = join(folder.path, 'kubeconfig')
    writeFileSync(file, own.exportConfig(), { mode: 0o600 })
    const api = own.makeApiClient(CoreV1Api)
    const asked = () => api.listNamespacedPod({ namespace }).catch(tolerating(401, 403))
    await until('the account has its rights', asked)
    return file
  }

  try {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await core.createNamespace({ body: { metadata: { name: namespace, labels } } })
    await makeClaim()
    return { core, namespace, kubeconfig: await writeKubeconfig(await makeAccount()), remove }
  } catch (error) {
    await remove().catch(() => undefined)
    throw error
  }
}

/** Lets refusals with these statuses pass, without an answer. */
export const tolerating =
  (...statuses: number[]) =>
  (error: { code?: number }) => {
    if (!statuses.includes(error.code ?? 0)) throw error
  }
