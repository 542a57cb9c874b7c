import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { killMarked } from './container-process'
import type { RunningPod } from './contract'
import { deleteObject } from './deletion'
import { KubeletContainer, type Node } from './kubelet-container'
import { volumesOf } from './mounts'
import type { Condition, Pod, PodStatus } from './objects'
import { PODS } from './resources'
import { StatusError } from './statuses'
import { timestamp } from './store'

const RETRY_MS = 20

/** Of the loopback network every address answers, and hardly two Pods draw the same. */
const drawAddress = () => `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`

/** A Pod on the node: its containers, and what the kubelet says of them. */
export class KubeletPod {
  readonly ip = drawAddress()
  containers: KubeletContainer[] = []
  /** The node has gone silent: nothing is said any more. */
  isSilent = false
  private readonly startTime = timestamp()
  private readonly end = new AbortController()
  private finished = Promise.resolve()
  private termination: Promise<void> | undefined
  private overruled: Partial<PodStatus> = {}

  constructor(
    readonly pod: Pod,
    private readonly node: Node,
  ) {}

  begin() {
    this.finished = this.run()
  }

  private async run(): Promise<void> {
    const { node, pod, ip } = this
    const folder = join(node.folder, pod.metadata.uid)
    mkdirSync(folder, { recursive: true })
    let volumes = this.volumes(folder)
    const place = { node, pod, ip, folder, signal: this.end.signal, changed: () => this.tell() }
    this.containers = pod.spec.containers.map(
      (container) => new KubeletContainer(container, { ...place, volumes: volumes ?? new Map() }),
    )
    this.tell()
    while (!volumes && !this.end.signal.aborted) {
      await pause(RETRY_MS)
      volumes = this.volumes(folder)
    }
    if (!volumes) return
    const mounted = volumes
    this.containers = pod.spec.containers.map(
      (container) => new KubeletContainer(container, { ...place, volumes: mounted }),
    )
    await Promise.all(this.containers.map((container) => container.run()))
    killMarked([`HOSTNAME=${pod.metadata.name}`, `KUBERNETES_SERVICE_PORT=${node.apiPort}`])
  }

  /** Undefined as long as one isn't there. */
  private volumes(folder: string) {
    try {
      return volumesOf({ ...this.node, pod: this.pod, folder })
    } catch {
      return undefined
    }
  }

  private get status(): PodStatus {
    const containerStatuses = this.containers.map(({ status }) => status)
    const ends = containerStatuses.map(({ state }) => state.terminated)
    const hasStarted = containerStatuses.some(({ state }) => !state.waiting)
    const phase = ends.every((end) => end)
      ? ends.some((end) => end?.exitCode)
        ? 'Failed'
        : 'Succeeded'
      : hasStarted && containerStatuses.every(({ state }) => !state.waiting)
        ? 'Running'
        : 'Pending'
    const isReady = containerStatuses.every(({ ready }) => ready)
    const isOver = phase === 'Succeeded' || phase === 'Failed'
    const whyNot = isOver
      ? { reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' }
      : { reason: 'ContainersNotReady', message: 'containers with unready status' }
    const readiness = (type: string) => condition(type, isReady, isReady ? {} : whyNot)
    return {
      phase,
      conditions: [
        condition('PodScheduled', true),
        condition('Initialized', true),
        readiness('ContainersReady'),
        readiness('Ready'),
      ],
      hostIP: '127.0.0.1',
      podIP: this.ip,
      startTime: this.startTime,
      containerStatuses,
      ...this.overruled,
    }
  }

  private tell() {
    const { name, namespace, uid } = this.pod.metadata
    if (this.isSilent) return
    try {
      const current = this.node.store.get(PODS, namespace, name) as Pod
      if (current.metadata.uid !== uid) return
      current.status = this.status
      this.node.store.update(PODS, current)
    } catch (error) {
      // Deleted by force while its containers still end.
      if (!(error instanceof StatusError)) throw error
    }
  }

  /** Ends the containers: politely, and after the grace period by force. */
  async terminate(graceMs: number): Promise<void> {
    this.end.abort()
    const alive = this.containers.filter(({ isAlive }) => isAlive)
    for (const { process } of alive) if (graceMs) process?.terminate()
    const kill = setTimeout(() => {
      for (const { process, isAlive } of this.containers) if (isAlive) process?.kill()
    }, graceMs)
    await this.finished
    clearTimeout(kill)
  }

  /** What follows once the API has a deletion timestamp on it. */
  remove(graceMs: number): Promise<void> {
    this.termination ??= this.removeOnce(graceMs)
    return this.termination
  }

  private async removeOnce(graceMs: number): Promise<void> {
    await this.terminate(graceMs)
    while (this.node.faults.deletionHangs) await pause(RETRY_MS)
    if (this.isSilent) return
    const { uid } = this.pod.metadata
    try {
      deleteObject(this.node.store, PODS, this.id, { gracePeriodSeconds: 0, preconditions: { uid } })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  }

  async evict(message: string): Promise<void> {
    this.overruled = { phase: 'Failed', reason: 'Evicted', message }
    await this.terminate(0)
    this.tell()
  }

  private get id() {
    const { name, namespace } = this.pod.metadata
    return { name, namespace }
  }

  get running(): RunningPod {
    const { name, namespace = '', uid, labels = {} } = this.pod.metadata
    const alive = this.containers.filter(({ isAlive }) => isAlive)
    const containers = alive.map(({ spec, process, mounts }) => ({
      name: spec.name,
      image: spec.image,
      pid: process?.pid ?? 0,
      mounts,
    }))
    return { name, namespace, uid, labels, ip: this.ip, containers }
  }
}

const condition = (type: string, holds: boolean, why: Partial<Condition> = {}): Condition => ({
  type,
  status: holds ? 'True' : 'False',
  ...why,
})
