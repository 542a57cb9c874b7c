import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceAddress } from '../../../db/machine-outcomes'
import type { ServiceName } from '../../../db/schema'
import { LaunchError } from '../../launch-errors'
import { portPicker } from '../ports'
import { type LaunchPlan, type RunningMachine, type Runtime, SERVICE_LABELS } from '../runtime'
import { workspaceFolder, workspacesIn } from '../workspaces/workspaces'
import { INSIDE, removeContainers } from './containers'
import { ask, openEngine, refusal } from './engine'
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
  const hostUser = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`

  async function stop(machineId: string): Promise<void> {
    try {
      await removeContainers(docker, { installationId, machineId }, settings.stopGraceMs ?? STOP_GRACE_MS)
      await removeNetworks(docker, installationId, machineId)
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
    const present = await list()
    if (present.some((other) => other.machineId === machineId && other.attempt !== attempt))
      await stop(machineId)
    const folders = await makeFolders(plan)
    const assertMine = () => {
      signal.throwIfAborted()
      if (!plan.stillMine())
        throw new LaunchError('runtime_unavailable', 'Another worker took over before anything was made.')
    }
    const owner = { installationId, machineId, attempt }
    const network = await ensureNetwork(docker, owner, { assertMine, signal })
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    const startOne = async ({ service, env }: LaunchPlan['snapshot'][number]) => {
      const run = images[service]
      if (!run) throw new Error(`This installation has no image for ${service}.`)
      const address = await startService(
        {
          docker,
          owner,
          service,
          run,
          env: { ...env, ...machineVariables({ plan, service, port: run.port }) },
          plan,
          folders,
          hostUser,
          startTimeoutMs: settings.startTimeoutMs,
          network,
          assertMine,
          pickPort,
        },
        either,
      )
      plan.report(`${SERVICE_LABELS[service]} answers`)
      return { name: service, address }
    }
    const starting = plan.snapshot.map((service) =>
      startOne(service).catch((error) => {
        failed.abort(error)
        throw error
      }),
    )
    // All of them have to come to an end: one that made a container after a failure would leave it behind.
    await Promise.allSettled(starting)
    either.throwIfAborted()
    return Promise.all(starting)
  }

  async function list(): Promise<RunningMachine[]> {
    const networks = await ask(docker.listNetworks(ofInstallation(installationId)))
    const containers = await ask(docker.listContainers({ all: true, ...ofInstallation(installationId) }))
    const found = new Map<string, RunningMachine>()
    const seen = [
      ...networks.map(({ Labels }) => ({ labels: Labels ?? {}, lives: false })),
      ...containers.map(({ Labels, State }) => ({ labels: Labels, lives: LIVING.includes(State) })),
    ]
    for (const { labels, lives } of seen) {
      const machineId = labels[LABEL.machine] ?? ''
      const attempt = Number(labels[LABEL.attempt])
      const known = found.get(machineId)
      // Remains of an earlier attempt say nothing of the present one.
      if (known && known.attempt > attempt) continue
      const machine = known?.attempt === attempt ? known : { machineId, attempt, services: [] }
      const service = labels[LABEL.service] as ServiceName | undefined
      if (service && lives) machine.services.push(service)
      found.set(machineId, machine)
    }
    return [...found.values()]
  }

  return {
    services: Object.keys(images) as ServiceName[],
    endsWithTerminal: false,
    start,
    stop,
    list,
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
  SLIPWAY_MACHINE_ID: plan.machineId,
  SLIPWAY_ATTEMPT: String(plan.attempt),
  SLIPWAY_SERVICE: service,
})
