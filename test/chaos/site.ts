import type { WorkerConfig } from '../support/test-worker'

/** A service that lives. */
export interface Living {
  machineId: string
  attempt: number
  service: string
}

/** Where the machines of a chaos run are. It looks for itself, without the code that is tested. */
export interface Site {
  /** For the workers. */
  docker: WorkerConfig['runtime']['docker']
  living(): Promise<Living[]>
  /** Whatever is there besides `machines` networks and what lives, in words. */
  leftovers(machines: number): Promise<string[]>
  /** Kills and starts what runs the machines, if that can be done to it. */
  restart: ((whileAway: () => Promise<void>) => Promise<void>) | undefined
  /** Ends and removes everything. */
  remove(): Promise<void>
}
