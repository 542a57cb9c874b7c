import { setTimeout as pause } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { MachineSize } from '../../../machine-sizes'
import { scrub } from '../../../scrub'
import { INSIDE } from '../in-container'
import { limitsOf } from '../service-images'
import { ask, statusOf, timeLimit, tolerating } from './engine'
import { pieceReader } from './log-entries'
import { LABEL, nameOf, type Owner, ofMachine, serviceLabels } from './names'
import type { ServiceStart } from './start-service'

const LOG_LIMITS = { 'max-size': '10m', 'max-file': '3' }

/** What the container is made of. The environment goes in here and nowhere else. */
export function containerOptions(
  { owner, service, run, env, plan, folders, hostUser }: ServiceStart,
  { network, hostPort, nameSuffix = '' }: { network: string; hostPort: number; nameSuffix?: string },
): Docker.ContainerCreateOptions {
  const port = `${run.port}/tcp`
  const { memoryBytes, cpus, pids, gpus } = run.limits ?? limitsOf(plan.size)
  const bind = (name: keyof typeof INSIDE): Docker.MountSettings => ({
    Type: 'bind',
    Source: folders[name],
    Target: INSIDE[name],
  })
  return {
    name: nameOf(owner, service) + nameSuffix,
    Image: run.image,
    Labels: {
      ...serviceLabels(owner, service),
      ...(plan.requestId !== undefined && { [LABEL.request]: plan.requestId }),
    },
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: INSIDE.workspace,
    // As the server itself: with no capabilities even root could not write to another's folders.
    User: hostUser,
    ExposedPorts: { [port]: {} },
    HostConfig: {
      NetworkMode: network,
      PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: String(hostPort) }] },
      Mounts: [bind('workspace'), bind('models'), bind('home')],
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777' },
      ReadonlyRootfs: run.readonlyRoot,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      // Passes signals on and collects orphans, which few programs do as process 1.
      Init: true,
      PidsLimit: pids,
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      // As a quota: unlike NanoCpus it may exceed what the host has.
      CpuPeriod: 100_000,
      CpuQuota: Math.max(1000, Math.round(cpus * 100_000)),
      ...(gpus && { DeviceRequests: [deviceRequest(gpus)] }),
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: LOG_LIMITS },
    },
  }
}

/** Asks the Engine for GPUs: these very ones, so many of any, or all. */
const deviceRequest = ({ count, devices }: NonNullable<MachineSize['gpus']>): Docker.DeviceRequest => ({
  Driver: 'nvidia',
  Capabilities: [['gpu']],
  ...(devices ? { DeviceIDs: devices } : { Count: count === 'all' ? -1 : count }),
})

/** The port on the host that a container was given when it was made. */
export function hostPortOf({ HostConfig }: Docker.ContainerInspectInfo): number {
  const [binding] = Object.values(HostConfig.PortBindings ?? {}).flat() as { HostPort: string }[]
  return Number(binding?.HostPort)
}

/** Where a published port answers. */
export const addressAt = (hostPort: number) => `http://127.0.0.1:${hostPort}`

export const environmentOf = (entries: readonly string[] | null | undefined): Map<string, string> =>
  new Map((entries ?? []).map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]))

export interface Removal {
  graceMs: number
  /** Looked at right before anything is ended; false leaves it as it is. */
  mayEnd(): boolean
  /** What has to be done with a container that has ended while it is still there. */
  drain(id: string): Promise<void>
}

/** Stops and removes a container, and returns once it is gone. Fine with one that is gone already. */
export async function removeContainer(
  docker: Docker,
  id: string,
  { graceMs, mayEnd, drain }: Removal,
): Promise<void> {
  if (!mayEnd()) return
  const container = docker.getContainer(id)
  const graceSeconds = Math.ceil(graceMs / 1000)
  const stopping = ask(container.stop({ t: graceSeconds }), { limitMs: graceMs + 30_000 })
  // Not running, gone, or in a state that can't be stopped: removed by force all the same.
  await tolerating([304, 404, 409, 500], stopping)
  await drain(id)
  for (const limit = timeLimit(`the container ${id.slice(0, 12)}`); mayEnd(); limit()) {
    // 409: another removal is under way; 500: it was busy in that moment.
    await tolerating([404, 409, 500], ask(container.remove({ force: true, v: true })))
    if (!(await tolerating([404], ask(container.inspect())))) return
    await pause(50)
  }
}

/** Ends all containers of a machine, and returns once there are none. */
export async function removeContainers(
  docker: Docker,
  { installationId, machineId }: Pick<Owner, 'installationId' | 'machineId'>,
  removal: Removal,
): Promise<void> {
  for (const limit = timeLimit(`the containers of ${machineId}`); removal.mayEnd(); limit()) {
    const left = await ask(docker.listContainers({ all: true, ...ofMachine(installationId, machineId) }))
    if (!left.length) return
    await Promise.all(left.map(({ Id }) => removeContainer(docker, Id, removal)))
  }
}

const TAIL_LINES = 100
const TAIL_CHARACTERS = 4000

/** The end of a container's output, without what it may have printed of its environment. */
export async function logTail(docker: Docker, id: string, secrets: readonly string[]): Promise<string> {
  try {
    const log = await ask(docker.getContainer(id).logs({ stdout: true, stderr: true, tail: TAIL_LINES }))
    // Scrubbed before it is cut: half a secret would not be found.
    const text = Buffer.concat(pieceReader()(log as unknown as Buffer)).toString('utf8')
    return scrub(text, secrets).slice(-TAIL_CHARACTERS)
  } catch (error) {
    return `Its output could not be read: ${statusOf(error) ?? (error as Error).message}`
  }
}
