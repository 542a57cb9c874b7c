import { setTimeout as pause } from 'node:timers/promises'
import { ConfigError, environmentOf, expanded } from './container-environment'
import { ContainerProcess, type Ending } from './container-process'
import type { Faults } from './contract'
import { pullFailure } from './images'
import { mountsOf, onHost } from './mounts'
import type { Container, ContainerState, ContainerStatus, Pod } from './objects'
import { probe } from './probes'
import { type Store, timestamp } from './store'

/** Real kubelets wait from ten seconds to five minutes. */
const RETRY_MS = 50

export interface Node {
  store: Store
  faults: Faults
  images: ReadonlyMap<string, readonly string[]>
  claims: ReadonlyMap<string, string>
  apiPort: string
  /** Where the kubelet keeps what Pods have of their own. */
  folder: string
}

export interface PodPlace {
  node: Node
  pod: Pod
  ip: string
  folder: string
  volumes: ReadonlyMap<string, string>
  /** Aborts when the Pod is to end. */
  signal: AbortSignal
  changed(): void
}

/** One container of a Pod, from its image to its end. */
export class KubeletContainer {
  process: ContainerProcess | undefined
  mounts: Record<string, string> = {}
  private state: ContainerState = { waiting: { reason: 'ContainerCreating' } }
  private ready = false
  private started = false

  constructor(
    readonly spec: Container,
    private readonly place: PodPlace,
  ) {}

  get status(): ContainerStatus {
    const { name, image } = this.spec
    const { ready, started, state } = this
    const imageID = this.process ? `sha256:${Buffer.from(image).toString('hex')}` : ''
    return { name, image, imageID, ready, started, restartCount: 0, state }
  }

  get isAlive(): boolean {
    return this.state.running !== undefined
  }

  private become(state: ContainerState) {
    this.state = state
    this.place.changed()
  }

  /** Resolves once it has ended, or when it never started and no longer should. */
  async run(): Promise<void> {
    const { signal } = this.place
    while (!signal.aborted) {
      const failure = this.preparationFailure()
      if (!failure && this.place.node.faults.pull(this.spec.image) !== 'slow') return this.start()
      if (failure) {
        this.become({ waiting: failure })
        await pause(RETRY_MS)
      }
      if (failure?.reason === 'ErrImagePull') {
        const message = `Back-off pulling image "${this.spec.image}": ErrImagePull: ${failure.message}`
        this.become({ waiting: { reason: 'ImagePullBackOff', message } })
      }
      await pause(RETRY_MS)
    }
  }

  private preparationFailure() {
    const { node } = this.place
    const failure = pullFailure(this.spec.image, node.images, node.faults)
    if (failure) return failure
    try {
      this.environment()
      return undefined
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return { reason: 'CreateContainerConfigError', message: error.message }
    }
  }

  private environment() {
    const { node, pod, ip } = this.place
    return environmentOf(this.spec, { ...node, pod, ip })
  }

  private async start(): Promise<void> {
    const { volumes, ip, folder, node } = this.place
    const { image, command, args = [], workingDir } = this.spec
    const mounts = mountsOf(this.spec, volumes)
    this.mounts = Object.fromEntries(mounts)
    const given = this.environment()
    const known = new Map(Object.entries(given))
    const words = [...(command ?? node.images.get(image) ?? []), ...args].map((word) => expanded(word, known))
    const here = (text: string) => (text === '0.0.0.0' ? ip : onHost(mounts, text))
    const env = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, here(text)]))
    const startedAt = timestamp()
    try {
      const cwd = workingDir ? here(workingDir) : folder
      this.process = await ContainerProcess.start({
        command: words.map(here),
        env: env as NodeJS.ProcessEnv,
        cwd,
      })
    } catch (error) {
      const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${words[0]}": ${(error as Error).message}: no such file or directory`
      const terminated = { exitCode: 128, reason: 'StartError', message, startedAt, finishedAt: timestamp() }
      return this.become({ terminated })
    }
    this.become({ running: { startedAt } })
    const ended = new AbortController()
    const probing = this.probe(ended.signal)
    const ending: Ending = await this.process.ended
    ended.abort()
    await probing
    this.ready = false
    this.started = false
    this.become({ terminated: { ...ending, startedAt, finishedAt: timestamp() } })
  }

  private probe(signal: AbortSignal) {
    return probe({
      container: this.spec,
      host: this.place.ip,
      signal,
      onReady: (ready) => {
        if (signal.aborted || (this.started && this.ready === ready)) return
        this.started = true
        this.ready = ready
        this.place.changed()
      },
      onHopeless: () => this.process?.kill(),
    })
  }
}
