import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type Docker from 'dockerode'
import { INSIDE } from '../in-container'

/** All that Slipway ever asks of the Engine. What isn't here is refused, by whatever name it comes. */
const OPTIONS = ['name', 'Image', 'Labels', 'Env', 'WorkingDir', 'User', 'ExposedPorts', 'HostConfig']
const HOST_OPTIONS = [
  'NetworkMode',
  'PortBindings',
  'Mounts',
  'Tmpfs',
  'ReadonlyRootfs',
  'CapDrop',
  'SecurityOpt',
  'Init',
  'PidsLimit',
  'Memory',
  'MemorySwap',
  'CpuPeriod',
  'CpuQuota',
  'DeviceRequests',
  'RestartPolicy',
  'LogConfig',
]
/** Folders of DATA_DIR that a machine may have a part of. Not DATA_DIR itself: it has the keys. */
const SHARED = ['workspaces', 'models', 'machines']

interface Bounds {
  dataDir: string
  /** Id of the machine's own network. */
  network: string
}

/**
 * The last look before a container is made, whoever put its options together: no privileges, no network but
 * its own, nothing of the host but folders that machines have in DATA_DIR.
 * @throws Error saying what would have been a way out
 */
export async function assertConfined(
  options: Docker.ContainerCreateOptions,
  { dataDir, network }: Bounds,
): Promise<void> {
  const host = options.HostConfig ?? {}
  const refuse = (what: string) => {
    throw new Error(`A container was not made, because of its ${what}.`)
  }
  for (const name of Object.keys(options)) if (!OPTIONS.includes(name)) refuse(name)
  for (const name of Object.keys(host)) if (!HOST_OPTIONS.includes(name)) refuse(name)
  if (!/^\d+:\d+$/.test(options.User ?? '')) refuse('User')
  if (!network || host.NetworkMode !== network) refuse('NetworkMode')
  if (String(host.CapDrop) !== 'ALL') refuse('CapDrop')
  if (String(host.SecurityOpt) !== 'no-new-privileges') refuse('SecurityOpt')
  if (Object.keys(host.Tmpfs ?? {}).some((path) => path !== '/tmp')) refuse('Tmpfs')
  const bindings = Object.values(host.PortBindings ?? {}).flat() as { HostIp?: string }[]
  if (bindings.some(({ HostIp }) => HostIp !== '127.0.0.1')) refuse('PortBindings')
  for (const { Capabilities = [], ...rest } of host.DeviceRequests ?? [])
    if (String(Capabilities) !== 'gpu' || !['', 'nvidia', undefined].includes(rest.Driver))
      refuse('DeviceRequests')
  const root = await realpath(dataDir)
  for (const { Type, Source, Target, ...rest } of host.Mounts ?? []) {
    const source = await realpath(Source).catch(() => '')
    const isShared = SHARED.some((folder) => source.startsWith(join(root, folder) + sep))
    const targets: string[] = Object.values(INSIDE)
    if (Type !== 'bind' || !isShared || !targets.includes(Target) || Object.keys(rest).length)
      refuse('Mounts')
  }
}
