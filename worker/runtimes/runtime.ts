import type { Readable } from 'node:stream'
import type { ServiceAddress } from '../../db/machine-outcomes'
import type { ServiceName } from '../../db/schema'
import type { MachineSize } from '../../machine-sizes'
import type { Span } from '../../telemetry/tracing'
import type { Snapshot } from '../snapshot'

export interface LaunchPlan {
  machineId: string
  attempt: number
  /** Whose models it shares with their other machines, where the runtime can. */
  userId: string
  /** Whose folder of files it works in. */
  workspaceId: string
  /** What it may use of the host, where the runtime can limit that. */
  size: MachineSize
  snapshot: Snapshot
  /** Values to take out of whatever is said of it. */
  secrets: readonly string[]
  /** What asked for it, as logs name that; something to find what runs by, and nothing to tell it by. */
  requestId?: string | undefined
  /** Of the start; undefined where no traces are made. */
  span?: Span | undefined
  /** Nobody has ever claimed this machine before: nothing of it can be there, and looking for it takes time. */
  isFirstTry?: boolean
  /** Looked at right before something is made that cannot be unmade: false means another worker took over. */
  stillMine(): boolean
  /** A line on the machine's timeline. */
  report(text: string): void
}

/** Something that runs, by what its label says. */
export interface RunningMachine {
  machineId: string
  attempt: number
  /** The services that live; empty when only remains are left. */
  services: ServiceName[]
  /** What ended the others, from runtimes that can tell. */
  why?: string
  /** Where those answer now, from runtimes that can tell. */
  addresses?: ServiceAddress[]
}

/** What really runs machines. All of it survives being killed half way and being called again. */
export interface Runtime {
  /** Which services it can start. */
  readonly services: readonly ServiceName[]
  /** Whether machines end with the terminal that Slipway was started in. */
  readonly endsWithTerminal: boolean
  /**
   * Starts a machine, or adopts what an earlier call began; returns once every service answers.
   * When the signal aborts it gives up and leaves what runs to `stop` or to another worker.
   * @throws LaunchError with the class of what went wrong
   */
  start(plan: LaunchPlan, signal: AbortSignal): Promise<ServiceAddress[]>
  /**
   * Ends everything of the machine, of whichever attempt, and returns once it is gone.
   * @param mayEnd looked at right before anything is ended. A worker may sleep in the middle of this, and
   * what is there when it wakes may be another's: then it ends nothing more, and says nothing.
   */
  stop(machineId: string, mayEnd?: () => boolean): Promise<void>
  /**
   * Ends everything of a machine and removes its own files for good, and with a workspace given that one too.
   * What is gone already is fine.
   */
  remove(kept: { machineId: string; workspaceId: string | undefined }): Promise<void>
  /** What runs of this installation. Never names what carries another's label. */
  list(): Promise<RunningMachine[]>
  /**
   * What services print comes into the logs of their machines (log-files.ts), without secrets, in order, and
   * to the last word before `stop` returns. Where that takes a worker, every worker calls this and one does
   * the work, until the signal aborts; where it doesn't, it returns at once.
   */
  keepLogs(end: AbortSignal): Promise<void>
  readonly workspaces: Workspaces
}

/** What a save of a workspace has to know, and what it tells. */
export interface SavePlan {
  /** What no file of it may hold, and what a person calls that. */
  secrets: readonly { label: string; value: string }[]
  /** A sentence about something that was left out or changed. Holds no secret. */
  note(sentence: string): void
  /** So many more bytes of files were put in. */
  onBytes(count: number): void
}

/** The files that machines work in, apart from whatever runs there. */
export interface Workspaces {
  /** Whether a machine was ever started in it, or it was restored. */
  exists(workspaceId: string): Promise<boolean>
  /** Bytes that workspaces may still grow by, all together. */
  freeBytes(): Promise<number>
  /** Bytes of all files that a save would look at. */
  measure(workspaceId: string): Promise<number>
  /**
   * A tar of its regular files, folders, and links that stay inside, without what the file manager has under way
   * or keeps of what was deleted. Whatever changes while it is read, the
   * tar is whole; a file that holds a secret is left out.
   */
  save(workspaceId: string, plan: SavePlan, signal: AbortSignal): Readable
  /**
   * Makes a workspace of such a tar: all of it, on disk, or nothing. One that is there already stays.
   * @param stillMine looked at right before the workspace is there: false makes none
   * @throws ArchiveError when the tar would write anywhere else
   */
  restore(workspaceId: string, tar: Readable, stillMine: () => boolean, signal: AbortSignal): Promise<void>
  /** Removes what restores that were cut off left behind, unless the workspace is still needed. */
  tidy(isNeeded: (workspaceId: string) => boolean): Promise<void>
}

/** A file got a secret while it was read: all of the save has to be begun again. */
export class SecretCameMeanwhile extends Error {
  override name = 'SecretCameMeanwhile'
}

/** A tar that no save of ours can be. */
export class ArchiveError extends Error {
  override name = 'ArchiveError'
}
