/** Objects as the API carries them: what the tests' API server, scheduler and kubelet read of them. */
export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
}

export interface Meta {
  name: string
  namespace?: string
  generateName?: string
  uid: string
  resourceVersion: string
  creationTimestamp: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
}

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Meta
  [field: string]: unknown
}

export interface Secret extends KubeObject {
  data?: Record<string, string>
  stringData?: Record<string, string>
  immutable?: boolean
}

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: {
    secretKeyRef?: { name: string; key: string; optional?: boolean }
    fieldRef?: { fieldPath: string }
  }
}

export interface Probe {
  httpGet?: { path?: string; port: number | string }
  tcpSocket?: { port: number | string }
  periodSeconds?: number
  failureThreshold?: number
}

export interface Container {
  name: string
  image: string
  command?: string[]
  args?: string[]
  workingDir?: string
  env?: EnvVar[]
  envFrom?: { secretRef?: { name: string; optional?: boolean }; prefix?: string }[]
  ports?: { name?: string; containerPort: number }[]
  volumeMounts?: { name: string; mountPath: string; subPath?: string }[]
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  startupProbe?: Probe
  readinessProbe?: Probe
  securityContext?: SecurityContext
}

export interface SecurityContext {
  runAsNonRoot?: boolean
  runAsUser?: number
  allowPrivilegeEscalation?: boolean
  privileged?: boolean
  seccompProfile?: { type: string }
  capabilities?: { drop?: string[]; add?: string[] }
}

export interface PodSpec {
  containers: Container[]
  initContainers?: Container[]
  volumes?: Volume[]
  restartPolicy?: string
  terminationGracePeriodSeconds?: number
  enableServiceLinks?: boolean
  nodeName?: string
  nodeSelector?: Record<string, string>
  securityContext?: SecurityContext
  hostNetwork?: boolean
  hostPID?: boolean
  hostIPC?: boolean
}

export interface Volume {
  name: string
  persistentVolumeClaim?: { claimName: string }
  emptyDir?: object
  secret?: { secretName: string }
  [kind: string]: unknown
}

export interface Condition {
  type: string
  status: 'True' | 'False'
  reason?: string
  message?: string
  lastTransitionTime?: string
}

export interface ContainerState {
  waiting?: { reason: string; message?: string }
  running?: { startedAt: string }
  terminated?: {
    exitCode: number
    signal?: number
    reason: string
    startedAt?: string
    finishedAt?: string
  }
}

export interface ContainerStatus {
  name: string
  image: string
  imageID: string
  ready: boolean
  started: boolean
  restartCount: number
  state: ContainerState
}

export interface PodStatus {
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  conditions?: Condition[]
  containerStatuses?: ContainerStatus[]
  podIP?: string
  hostIP?: string
  startTime?: string
  reason?: string
  message?: string
}

export interface Pod extends KubeObject {
  spec: PodSpec
  status: PodStatus
}
