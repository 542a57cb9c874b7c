import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceAddress } from '../../../db/machine-outcomes'
import type { ServiceName } from '../../../db/schema'
import { LaunchError } from '../../launch-errors'
import { removeFolders } from '../folders'
import { portPicker } from '../ports'
import type { LaunchPlan, RunningMachine, Runtime } from '../runtime'
import { startTogether } from '../start-together'
import { workspaceFolder, workspacesIn } from '../workspaces/workspaces'
import { addressAt, INSIDE, removeContainers } from './containers'
import { ask, openEngine, refusal } from './engine'
import { containerLogs } from './logs'
import { LABEL, ofInstallation } from './names'
import { ensureNetwork, removeNetworks } from './networks'
import { serviceImages } from './services'
import { startService } from './start-service'

/** How long a service has to end by itself after TERM. */
const STOP_GRACE_MS = 10_000

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
  const { keep, drain } = containerLogs(docker, settings)
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

  async function makeFolders({ machineId, workspaceId, userId }: LaunchPlan) {
    const folders = {
      workspace: workspaceFolder(dataDir, workspaceId),
      models: join(dataDir, 'models', userId),
      home: join(dataDir, 'machines', machineId, 'home'),
    }
    // The mount point too: the Engine would make it root's.
    const all = [...Object.values(folders), join(folders.workspace, 'models')]
    await Promise.all(all.map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })))
    return folders
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
    const [present, folders] = await Promise.all([list(), makeFolders(plan)])
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
          env: { ...env, ...machineVariables({ plan, service, port: run.port }) },
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
    const found = new Map<string, Required<RunningMachine>>()
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
    keepLogs: keep,
    workspaces: workspacesIn(dataDir),
  }
}

/** States in which a container has processes. */
const LIVING = ['running', 'paused', 'restarting']

/** What every service finds besides its snapshot, under the names that it has with the process runtime. */
const machineVariables = ({
  plan,
  service,
  port,
}: {
  plan: LaunchPlan
  service: ServiceName
  port: number
}) => ({
  HOME: INSIDE.home,
  HOST: '0.0.0.0',
  PORT: String(port),
  WORKSPACE: INSIDE.workspace,
  // Python would keep what it prints to a pipe to itself until it has a few kilobytes.
  PYTHONUNBUFFERED: '1',
  SLIPWAY_MACHINE_ID: plan.machineId,
  SLIPWAY_ATTEMPT: String(plan.attempt),
  SLIPWAY_SERVICE: service,
})
