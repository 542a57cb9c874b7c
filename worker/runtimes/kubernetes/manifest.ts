import type {
  V1Container,
  V1EnvVar,
  V1ObjectMeta,
  V1OwnerReference,
  V1Pod,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node'
import type { ServiceName } from '../../../db/schema'
import type { MachineSize } from '../../../machine-sizes'
import { INSIDE, machineVariables } from '../in-container'
import type { LaunchPlan } from '../runtime'
import { limitsOf, type ServiceImage } from '../service-images'
import { LABEL, labelsOf, nameOf, type Owner, requestLabel, secretKey } from './names'

/** Of the user that services run as and that the folders belong to. */
export interface User {
  uid: number
  gid: number
}

/** All that the objects of one attempt are made of. */
export interface MachineParts {
  owner: Owner
  plan: LaunchPlan
  runs: ReadonlyMap<ServiceName, ServiceImage>
  /** Below the root of the claim. */
  folders: Record<keyof typeof INSIDE, string>
  /** The host name that services are asked under. */
  servedAs: V1EnvVar
  user: User
  volumeClaim: string
  imagePullSecret: string | undefined
  graceSeconds: number
}

const metadataOf = (
  { owner, plan }: Pick<MachineParts, 'owner' | 'plan'>,
  anchor?: V1OwnerReference,
): V1ObjectMeta => ({
  name: nameOf(owner),
  labels: { ...labelsOf(owner), [LABEL.workspace]: plan.workspaceId, ...requestLabel(plan.requestId) },
  ...(anchor && { ownerReferences: [anchor] }),
})

/** The attempt's name in the cluster. Everything else of the attempt belongs to it, and goes with it. */
export const serviceManifest = (parts: MachineParts): V1Service => ({
  metadata: metadataOf(parts),
  spec: {
    selector: labelsOf(parts.owner),
    ports: [...parts.runs].map(([name, { port }]) => ({ name, port })),
    // When one of two services ends, the other one still answers.
    publishNotReadyAddresses: true,
  },
})

export const anchorOf = ({ metadata }: V1Service): V1OwnerReference => ({
  apiVersion: 'v1',
  kind: 'Service',
  name: metadata?.name ?? '',
  uid: metadata?.uid ?? '',
})

/** The snapshot. Nobody changes it: other values are another Secret. */
export const secretManifest = (parts: MachineParts, anchor: V1OwnerReference): V1Secret => ({
  metadata: metadataOf(parts, anchor),
  immutable: true,
  data: secretData(parts.plan),
})

const secretData = ({ snapshot }: LaunchPlan): Record<string, string> =>
  Object.fromEntries(
    snapshot.flatMap(({ service, env }) =>
      Object.entries(env).map(([name, value]) => [
        secretKey(service, name),
        Buffer.from(value).toString('base64'),
      ]),
    ),
  )

/** What runs: a container for each service. Has no value of the snapshot, but names of variables. */
export function podManifest(parts: MachineParts, anchor: V1OwnerReference): V1Pod {
  const { plan, user, volumeClaim, imagePullSecret } = parts
  const { nodeSelector, tolerations } = plan.size.kubernetes ?? {}
  return {
    metadata: metadataOf(parts, anchor),
    spec: {
      containers: plan.snapshot.map(({ service, env }) => container(parts, service, Object.keys(env))),
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: parts.graceSeconds,
      automountServiceAccountToken: false,
      // Else the addresses of every Service of the namespace would be in the environment.
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user.uid,
        runAsGroup: user.gid,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumes: [
        { name: 'files', persistentVolumeClaim: { claimName: volumeClaim } },
        { name: 'tmp', emptyDir: {} },
      ],
      ...(nodeSelector && { nodeSelector }),
      ...(tolerations && { tolerations }),
      ...(imagePullSecret && { imagePullSecrets: [{ name: imagePullSecret }] }),
    },
  }
}

function container(parts: MachineParts, service: ServiceName, names: readonly string[]): V1Container {
  const { owner, plan, folders } = parts
  const run = parts.runs.get(service) as ServiceImage
  const own: V1EnvVar[] = [
    parts.servedAs,
    // The Pod's own address, of whichever family.
    { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ...Object.entries(machineVariables(plan, service, run.port)).map(([name, value]) => ({ name, value })),
  ]
  const ownNames = own.map(({ name }) => name)
  return {
    name: service,
    image: run.image,
    imagePullPolicy: 'IfNotPresent',
    workingDir: INSIDE.workspace,
    ports: [{ containerPort: run.port }],
    env: [
      ...names
        .filter((name) => !ownNames.includes(name))
        .map((name) => ({
          name,
          valueFrom: { secretKeyRef: { name: nameOf(owner), key: secretKey(service, name) } },
        })),
      ...own,
    ],
    resources: resourcesOf(plan.size, run),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: run.readonlyRoot,
    },
    volumeMounts: [
      ...(['workspace', 'models', 'home'] as const).map((name) => ({
        name: 'files',
        mountPath: INSIDE[name],
        subPath: folders[name],
      })),
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
}

/** What a service gets it also reserves: a machine that was given a place has all of it. */
function resourcesOf(size: MachineSize, run: ServiceImage) {
  const { cpus, memoryBytes, gpus } = run.limits ?? limitsOf(size)
  const amounts = {
    cpu: `${Math.ceil(cpus * 1000)}m`,
    memory: String(memoryBytes),
    ...(gpus && { 'nvidia.com/gpu': String(gpus.count) }),
  }
  return { requests: amounts, limits: amounts }
}
