import { relative } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import type { ServiceAddress } from '../../../db/machine-outcomes'
import type { ServiceName } from '../../../db/schema'
import type { KubernetesSettings } from '../../../kubernetes-settings'
import { LaunchError } from '../../launch-errors'
import { assertPassable } from '../environment'
import { removeFolders } from '../folders'
import { logFollower } from '../follow-logs'
import { makeFolders } from '../make-folders'
import { waitUntilAnswers } from '../readiness'
import type { LaunchPlan, RunningMachine, Runtime } from '../runtime'
import { type ServiceImage, serviceImages } from '../service-images'
import { startTogether } from '../start-together'
import { workspacesIn } from '../workspaces/workspaces'
import { addressesOf, addressOf, livingServices, servedAs } from './addresses'
import { openCluster } from './cluster'
import { refusal, whyGone } from './failures'
import { outputIds, podOutput } from './logs'
import { ensurePod } from './make'
import type { MachineParts, User } from './manifest'
import { LABEL, nameOf, ofAttempt, ofInstallation, ofMachine } from './names'
import { listPods, listServices } from './pods'
import { onceInQuota } from './quota'
import { type Removal, removeAll } from './remove'
import { viewPod } from './view'
import { assertAlive, logTail, untilRunning, type Waiting } from './wait'

/** How long a service has to end by itself after TERM. */
const STOP_GRACE_MS = 10_000
const END_PATIENCE_MS = 60_000
/** Images may be large; but what can't be mounted is never there. */
const PREPARATION_MAX_MS = 30 * 60_000
/** How long the end of a Pod may wait until somebody reads what it prints, */
const FOLLOW_MS = 3000
/** and how long what it printed may take to be written down after that. */
const DRAIN_MS = 5000
const END_MAX_MS = 90_000

export interface KubernetesRuntimeSettings {
  kubernetes: KubernetesSettings
  /** Has the claim's folders, see docs/operators/kubernetes.md. */
  dataDir: string
  installationId: string
  comfyuiImage: string | undefined
  trainerImage: string | undefined
  filebrowserImage: string
  startTimeoutMs: number
  logs: { bytesMax: number }
  user: User
  stopGraceMs?: number
  /** How much longer than that a Pod may take to be gone. */
  endPatienceMs?: number
  preparationMaxMs?: number
  resyncMs?: number
  /** How long one answer with output is read. */
  followMaxMs?: number
}

/**
 * Runs machines in a namespace of a Kubernetes cluster: for each a Pod with a container for each service, a
 * Secret with their environment, and a Service that both belong to. The cluster remembers what runs, by name
 * and label; Slipway keeps nothing beside it.
 */
export function kubernetesRuntime(settings: KubernetesRuntimeSettings): Runtime {
  const { dataDir, installationId, startTimeoutMs, user } = settings
  const { kubeconfig, namespace, reach, volumeClaim, imagePullSecret } = settings.kubernetes
  const cluster = openCluster(kubeconfig, namespace, settings.resyncMs)
  const images = serviceImages(settings)
  const follower = logFollower(podOutput(cluster, settings), settings)
  const graceMs = settings.stopGraceMs ?? STOP_GRACE_MS

  async function drain(pod: V1Pod): Promise<() => Promise<void>> {
    const ids = outputIds(pod)
    const limit = new AbortController()
    const either = AbortSignal.any([limit.signal, AbortSignal.timeout(graceMs + END_MAX_MS)])
    // What can't be read or written must not keep a Pod from being removed.
    const drained = follower.drain(ids, either).catch(() => undefined)
    await follower.untilFollowed(ids, AbortSignal.timeout(FOLLOW_MS)).catch(() => undefined)
    return async () => {
      const timer = setTimeout(() => limit.abort(), DRAIN_MS)
      await drained
      clearTimeout(timer)
    }
  }

  const limitMs = graceMs + (settings.endPatienceMs ?? END_PATIENCE_MS)
  const removalFor = (mayEnd: () => boolean): Removal => ({ limitMs, mayEnd, drain })

  async function stop(machineId: string, mayEnd = () => true): Promise<void> {
    try {
      await removeAll(cluster, ofMachine(installationId, machineId), removalFor(mayEnd))
    } catch (error) {
      throw refusal(error)
    }
  }

  function runsOf({ snapshot, size }: LaunchPlan): Map<ServiceName, ServiceImage> {
    if (size.gpus?.count === 'all' || size.gpus?.devices)
      throw new LaunchError(
        'gpu_unavailable',
        `The size ${size.name} wants all GPUs or very ones. Kubernetes can give a number of them: say it as count.`,
      )
    return new Map(
      snapshot.map(({ service, env }) => {
        const run = images[service]
        if (!run) throw new Error(`This installation has no image for ${service}.`)
        assertPassable(env)
        return [service, run]
      }),
    )
  }

  async function start(plan: LaunchPlan, signal: AbortSignal): Promise<ServiceAddress[]> {
    const watching = new AbortController()
    try {
      return await startPod(plan, signal, AbortSignal.any([signal, watching.signal]))
    } catch (error) {
      signal.throwIfAborted()
      throw refusal(error)
    } finally {
      watching.abort()
    }
  }

  async function startPod(plan: LaunchPlan, signal: AbortSignal, watching: AbortSignal) {
    const { machineId, attempt } = plan
    const owner = { installationId, machineId, attempt }
    const runs = runsOf(plan)
    const [present, folders] = await Promise.all([
      listMachines(ofMachine(installationId, machineId)),
      makeFolders(dataDir, plan),
    ])
    if (present.some((other) => other.attempt !== attempt)) await stop(machineId, plan.stillMine)
    const assertMine = () => {
      signal.throwIfAborted()
      if (!plan.stillMine())
        throw new LaunchError('runtime_unavailable', 'Another worker took over before anything was made.')
    }
    const onClaim = (folder: string) => relative(dataDir, folder)
    const parts: MachineParts = {
      owner,
      plan,
      runs,
      folders: {
        workspace: onClaim(folders.workspace),
        models: onClaim(folders.models),
        home: onClaim(folders.home),
      },
      servedAs: servedAs(nameOf(owner), namespace, reach),
      user,
      volumeClaim,
      imagePullSecret,
      graceSeconds: Math.ceil(graceMs / 1000),
    }
    const clear = () => removeAll(cluster, ofAttempt(owner), removalFor(plan.stillMine))
    const rivals = ofInstallation(installationId)
    const pod = await onceInQuota(cluster, () => ensurePod(cluster, parts, { assertMine, clear, signal }), {
      plan,
      name: nameOf(owner),
      rivals,
      startTimeoutMs,
      signal,
    })
    const view = viewPod(cluster, pod, ofAttempt(owner), watching)
    const preparationMaxMs = settings.preparationMaxMs ?? PREPARATION_MAX_MS
    const waiting: Waiting = { cluster, view, plan, rivals, startTimeoutMs, preparationMaxMs }
    await untilRunning(waiting)
    return startTogether(plan, signal, ({ service }, either) => untilReady(waiting, service, runs, either))
  }

  async function untilReady(
    waiting: Waiting,
    service: ServiceName,
    runs: Map<ServiceName, ServiceImage>,
    signal: AbortSignal,
  ): Promise<string> {
    const pod = waiting.view.look()
    const run = runs.get(service)
    const address = run && addressOf(pod, run, reach)
    if (!address)
      throw new LaunchError('runtime_unavailable', `The Pod ${pod.metadata?.name} has no address.`)
    await waitUntilAnswers(
      {
        service,
        url: address + run.readyPath,
        timeoutMs: startTimeoutMs,
        assertAlive: () => assertAlive(waiting),
        // Nobody else gets the Pod's address while it is there.
        isOurs: async () => livingServices(waiting.view.look()).includes(service),
        logTail: () => logTail(cluster, pod, service, waiting.plan.secrets),
      },
      signal,
    )
    return address
  }

  async function listMachines(selector: string): Promise<RunningMachine[]> {
    const [{ items: pods }, services] = await Promise.all([
      listPods(cluster, selector),
      listServices(cluster, selector),
    ])
    const found = new Map<string, RunningMachine>()
    for (const object of [...services, ...pods]) {
      const labels = object.metadata?.labels ?? {}
      const machineId = labels[LABEL.machine] ?? ''
      const attempt = Number(labels[LABEL.attempt])
      // Remains of an earlier attempt say nothing of the present one.
      if ((found.get(machineId)?.attempt ?? 0) > attempt) continue
      found.set(machineId, { machineId, attempt, services: [], addresses: [] })
    }
    for (const pod of pods) {
      const machine = found.get(pod.metadata?.labels?.[LABEL.machine] ?? '')
      if (!machine || String(machine.attempt) !== pod.metadata?.labels?.[LABEL.attempt]) continue
      machine.services = livingServices(pod)
      machine.addresses = addressesOf(pod, images, reach)
      machine.why = whyGone(pod)
    }
    return [...found.values()]
  }

  return {
    services: Object.keys(images) as ServiceName[],
    endsWithTerminal: false,
    start,
    stop,
    async remove({ machineId, workspaceId }) {
      await stop(machineId)
      await removeFolders(dataDir, machineId, workspaceId)
    },
    list: () =>
      listMachines(ofInstallation(installationId)).catch((error) => {
        throw refusal(error)
      }),
    keepLogs: follower.keep,
    workspaces: workspacesIn(dataDir),
  }
}
