import type { ServiceAddress } from '../../../db/machine-outcomes'
import type { ServiceName } from '../../../db/schema'
import { LaunchError } from '../../launch-errors'
import { removeFolders } from '../folders'
import { logFollower } from '../follow-logs'
import { machineVariables } from '../in-container'
import { makeFolders } from '../make-folders'
import { portPicker } from '../ports'
import type { LaunchPlan, RunningMachine, Runtime } from '../runtime'
import { serviceImages } from '../service-images'
import { startTogether } from '../start-together'
import { workspacesIn } from '../workspaces/workspaces'
import { addressAt, removeContainers } from './containers'
import { ask, openEngine, refusal } from './engine'
import { containerOutput } from './logs'
import { LABEL, ofInstallation } from './names'
import { ensureNetwork, removeNetworks } from './networks'
import { startService } from './start-service'

/** How long a service has to end by itself after TERM. */
const STOP_GRACE_MS = 10_000
/** How long the removal of a container may wait until its last words are written down. */
const DRAIN_MS = 5000

export interface DockerRuntimeSettings {
  dockerHost: string
  /** Absolute, and the same path for the Engine. */
  dataDir: string
  installationId: string
  comfyuiImage: string | undefined
  trainerImage: string | undefined
  filebrowserImage: string
  startTimeoutMs: number
  logs: { bytesMax: number }
  stopGraceMs?: number
}

/**
 * Runs machines on a Docker Engine of this host: a private network for each, a container for each service.
 * The Engine remembers what runs, by name and label; Slipway keeps nothing beside it.
 */
export function dockerRuntime(settings: DockerRuntimeSettings): Runtime {
  const { dataDir, installationId } = settings
  const docker = openEngine(settings.dockerHost)
  const images = serviceImages(settings)
  const pickPort = portPicker()
  const follower = logFollower(containerOutput(docker, settings), settings)
  // What can't be read or written must not keep a container from being removed.
  const drain = (id: string) => follower.drain([id], AbortSignal.timeout(DRAIN_MS)).catch(() => undefined)
  const hostUser = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`

  const graceMs = settings.stopGraceMs ?? STOP_GRACE_MS

  async function stop(machineId: string, mayEnd = () => true): Promise<void> {
    try {
      await removeContainers(docker, { installationId, machineId }, { graceMs, mayEnd, drain })
      await removeNetworks(docker, installationId, machineId, mayEnd)
    } catch (error) {
      throw refusal(error)
    }
  }

  async function start(plan: LaunchPlan, signal: AbortSignal): Promise<ServiceAddress[]> {
    try {
      return await startAll(plan, signal)
    } catch (error) {
      throw refusal(error)
    }
  }

  async function startAll(plan: LaunchPlan, signal: AbortSignal): Promise<ServiceAddress[]> {
    const { machineId, attempt } = plan
    const [present, folders] = await Promise.all([list(), makeFolders(dataDir, plan)])
    if (present.some((other) => other.machineId === machineId && other.attempt !== attempt))
      await stop(machineId, plan.stillMine)
    const assertMine = () => {
      signal.throwIfAborted()
      if (!plan.stillMine())
        throw new LaunchError('runtime_unavailable', 'Another worker took over before anything was made.')
    }
    const owner = { installationId, machineId, attempt }
    const network = await ensureNetwork(docker, owner, { assertMine, signal })
    return startTogether(plan, signal, async ({ service, env }, either) => {
      const run = images[service]
      if (!run) throw new Error(`This installation has no image for ${service}.`)
      return startService(
        {
          docker,
          owner,
          service,
          run,
          env: { ...env, HOST: '0.0.0.0', ...machineVariables(plan, service, run.port) },
          plan,
          dataDir,
          folders,
          hostUser,
          startTimeoutMs: settings.startTimeoutMs,
          network,
          assertMine,
          drain,
          pickPort,
        },
        either,
      )
    })
  }

  async function list(): Promise<RunningMachine[]> {
    const mine = ofInstallation(installationId)
    const [networks, containers] = await Promise.all([
      ask(docker.listNetworks(mine)),
      ask(docker.listContainers({ all: true, ...mine })),
    ])
    const found = new Map<string, RunningMachine & Required<Pick<RunningMachine, 'addresses'>>>()
    const seen = [
      ...networks.map(({ Labels }) => ({ labels: Labels ?? {}, lives: false, port: undefined })),
      ...containers.map(({ Labels, State, Ports }) => ({
        labels: Labels,
        lives: LIVING.includes(State),
        port: Ports.find(({ PublicPort }) => PublicPort)?.PublicPort,
      })),
    ]
    for (const { labels, lives, port } of seen) {
      const machineId = labels[LABEL.machine] ?? ''
      const attempt = Number(labels[LABEL.attempt])
      const known = found.get(machineId)
      // Remains of an earlier attempt say nothing of the present one.
      if (known && known.attempt > attempt) continue
      const machine = known?.attempt === attempt ? known : { machineId, attempt, services: [], addresses: [] }
      const service = labels[LABEL.service] as ServiceName | undefined
      if (service && lives) machine.services.push(service)
      if (service && lives && port) machine.addresses.push({ name: service, address: addressAt(port) })
      found.set(machineId, machine)
    }
    return [...found.values()]
  }

  async function remove({ machineId, workspaceId }: { machineId: string; workspaceId: string | undefined }) {
    await stop(machineId)
    await removeFolders(dataDir, machineId, workspaceId)
  }

  return {
    services: Object.keys(images) as ServiceName[],
    endsWithTerminal: false,
    start,
    stop,
    remove,
    list,
    keepLogs: follower.keep,
    workspaces: workspacesIn(dataDir),
  }
}

/** States in which a container has processes. */
const LIVING = ['running', 'paused', 'restarting']
