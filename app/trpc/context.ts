import type { Logger } from 'pino'
import type { Installation } from '../../db/installation'
import type { MachineChanges } from '../../db/machine-changes'
import type { Clock, Db } from '../../db/open'
import type { Session } from '../../db/sessions'
import type { LaunchQueue } from '../../worker/queue'

/** What the web process works with; built once, handed on. */
export interface Services {
  db: Db
  installation: Installation
  queue: LaunchQueue
  changes: MachineChanges
  clock: Clock
  logger: Logger
  /** What of the settings the procedures decide by. */
  policy: {
    /** Whether users who are not administrators may launch though nothing isolates machines. */
    membersMayLaunch: boolean
    /** Whether the operator has set how ComfyUI is started. */
    hasComfyui: boolean
  }
  /** Where a browser reaches a service of a machine. */
  serviceUrl(machineId: string, service: 'comfyui' | 'filebrowser'): string
}

/** What a procedure knows of the request it answers. */
export interface Context extends Services {
  session: Session | undefined
  /** Hands the browser its session, or takes it away. */
  setSessionCookie(secret: string | undefined): void
}
