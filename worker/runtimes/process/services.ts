import type { ServiceName } from '../../../db/schema'
import { logFolder, type ServiceLog } from '../../../log-files'
import type { LaunchPlan } from '../runtime'
import { LABEL } from './members'

/** Variables of the server that a service may see. Everything else of the server's environment stays out. */
const INHERITED = [
  'PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'LD_LIBRARY_PATH',
  'CUDA_HOME',
  'CUDA_VISIBLE_DEVICES',
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
]

export const inheritedEnvironment = (source: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = source[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** How a service is started, and where it shows that it is ready. */
export interface ServiceCommand {
  file: string
  args: string[]
  /** Any answer below 500 on this path means ready. */
  readyPath: string
}

/**
 * The services that this installation can start. ComfyUI's and the trainer's commands are shell lines of the
 * operator's, who finds `$HOST`, `$PORT` and `$WORKSPACE` in them.
 */
export function serviceCommands(settings: {
  comfyuiCommand: string | undefined
  trainerCommand: string | undefined
  /** Path of the built filebrowser. */
  filebrowserProgram: string
}): Partial<Record<ServiceName, ServiceCommand>> {
  return {
    ...(settings.comfyuiCommand && { comfyui: shellLine(settings.comfyuiCommand) }),
    ...(settings.trainerCommand && { trainer: shellLine(settings.trainerCommand) }),
    filebrowser: { file: process.execPath, args: [settings.filebrowserProgram], readyPath: '/healthz' },
  }
}

const shellLine = (line: string): ServiceCommand => ({ file: '/bin/sh', args: ['-c', line], readyPath: '/' })

export interface LogSettings {
  /** Path of the built log writer. */
  program: string
  /** Of each service and attempt. */
  bytesMax: number
}

/** All that starting one service of one machine needs. */
export interface ServiceStart {
  service: ServiceName
  command: ServiceCommand
  /** What the snapshot gives this service. */
  env: Record<string, string>
  plan: LaunchPlan
  folders: { run: string; home: string; workspace: string }
  settings: {
    dataDir: string
    installationId: string
    startTimeoutMs: number
    environment: Record<string, string | undefined>
    logs: LogSettings
  }
  pickPort(): Promise<number>
}

/** The whole environment of a service: what it may inherit, its snapshot, and where it is. */
export const serviceEnvironment = (
  {
    service,
    env,
    plan,
    folders,
    settings,
  }: Pick<ServiceStart, 'service' | 'env' | 'plan' | 'folders'> & {
    settings: Pick<ServiceStart['settings'], 'installationId' | 'environment'>
  },
  port: number,
): Record<string, string> => ({
  ...inheritedEnvironment(settings.environment),
  // Python would keep what it prints to a pipe to itself until it has a few kilobytes.
  PYTHONUNBUFFERED: '1',
  ...env,
  HOME: folders.home,
  HOST: '127.0.0.1',
  PORT: String(port),
  WORKSPACE: folders.workspace,
  [LABEL.installation]: settings.installationId,
  [LABEL.machine]: plan.machineId,
  [LABEL.attempt]: String(plan.attempt),
  [LABEL.service]: service,
  ...(plan.requestId !== undefined && { [LABEL.request]: plan.requestId }),
})

/** One an attempt: what an earlier one said explains nothing of this one. */
export const logOf = ({ settings, service, plan }: ServiceStart): ServiceLog => ({
  folder: logFolder(settings.dataDir, plan.machineId),
  service,
  attempt: plan.attempt,
})
