import type { Rule } from './access'
import type { Pod } from './objects'
import type { Store } from './store'

/** What becomes of a question to the API. `lost`: it is carried out, and the answer never arrives. */
export type Fate =
  | 'passed'
  | 'lost'
  | 'refused'
  /** 429 with Retry-After, and a 500 as etcd's failures give. */
  | 'throttled'
  | 'internal'
  | { delayMs: number }
  | { status: number; reason: string; message: string }

/** A question as faults and records name it. */
export interface Question {
  verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
  /** The plural with its subresource, such as `pods/log`. */
  resource: string
  /** Empty where none is named. */
  name: string
  namespace: string
}

/** Switches; everything works until one is set. Each holds until it is set back. */
export interface Faults {
  /** Called with each question of whoever uses `kubeconfig`. */
  decide(question: Question): Fate | Promise<Fate>
  /** What a registry says of an image: it has none of that name, can't be reached, or keeps sending. */
  pull(image: string): 'not found' | 'i/o timeout' | 'slow' | undefined
  /** What nodes lack, such as `Insufficient nvidia.com/gpu`: Pods wait to be scheduled. */
  unschedulable: string | undefined
  /** Nobody looks at Pods without a node. */
  schedulerAway: boolean
  /** What becomes of each event that a watch is to be told. */
  event(type: string, object: object): 'passed' | 'lost' | 'twice' | { delayMs: number }
  /** The kubelet ends containers, and doesn't say that the Pod is gone. */
  deletionHangs: boolean
  /** Put on Pods that are created from now on, as what another controller holds on to. */
  finalizer: string | undefined
}

export interface RunningContainer {
  name: string
  image: string
  pid: number
  /** By the path in the container, the folder of this host that it stands for. */
  mounts: Record<string, string>
}

export interface RunningPod {
  name: string
  namespace: string
  uid: string
  labels: Record<string, string>
  ip: string
  /** Those that live. */
  containers: RunningContainer[]
}

export interface KubernetesOptions {
  /** By the image's name, the program that is its entrypoint. Any other image is not found. */
  images: Record<string, readonly string[]>
  /** By the claim's name, the folder that it is. Other claims keep Pods pending. */
  claims?: Record<string, string>
  /** Made beforehand. */
  namespaces?: readonly string[]
  /** Whether those admit only Pods that are "restricted". */
  isRestricted?: boolean
  /** What the token of `kubeconfig` may do; without them everything. */
  rules?: readonly Rule[]
  /** What all nodes together have, such as `{ 'nvidia.com/gpu': '2' }`. */
  allocatable?: Record<string, string>
}

/**
 * A Kubernetes API server with a scheduler, a kubelet and the controllers that machines need.
 * @see startKubernetes for what differs from a real one
 */
export interface TestKubernetes {
  url: string
  /** Path of a file for the control plane's service account. */
  kubeconfig: string
  /** Path of one for an administrator, whom neither rules nor faults concern. */
  adminKubeconfig: string
  faults: Faults
  store: Store
  /** What really runs, whatever the API says. */
  pods(): RunningPod[]
  /** The Pod as the API has it. */
  pod(name: string): Pod | undefined
  /** Verb and resource of each question that came with `kubeconfig`, such as `create pods`, sorted. */
  used(): string[]
  setRules(rules: readonly Rule[] | undefined): void
  /** Ends all watches in the middle of a line. */
  cutWatches(): void
  /** Forgets versions: open watches get 410, and so does who asks for older versions or goes on with a list. */
  compact(): void
  /** A bookmark to each watch that wants them. */
  bookmark(): void
  /** Nobody listens any more; then somebody does at the same address. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  /** Kills a container as the kernel does that runs out of memory, and in other ways. */
  oomKill(pod: string, container: string): Promise<void>
  killContainer(pod: string, container: string): Promise<void>
  evict(pod: string, message?: string): Promise<void>
  /** The node is silent: its containers are gone, and the API says that they run. */
  loseNode(): Promise<void>
  /** The node is given up: its Pods fail, and are collected. */
  removeNode(): void
  /** Takes it off all Pods. */
  releaseFinalizers(finalizer: string): void
  /** Ends all that it started, and removes its files. */
  stop(): Promise<void>
}
