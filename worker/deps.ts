import type { Logger } from 'pino'
import type { Installation } from '../db/installation'
import type { Clock, Db } from '../db/open'
import type { MachineSettings } from '../machine-settings'
import type { Issuers } from '../providers/issuers'
import type { RequestSettings } from '../request-settings'
import type { Tracing } from '../telemetry/tracing'
import type { WorkerMetrics } from '../telemetry/worker-metrics'
import type { LeaseTimings } from './lease'
import type { LogRetention } from './logs/retention'
import type { LaunchQueue } from './queue'
import type { Runtime } from './runtimes/runtime'
import type { ServiceSettings } from './snapshot'

export interface Timings extends LeaseTimings {
  sweepEveryMs: number
  beatEveryMs: number
  /** How often to look whether a token or a model is to be checked. */
  checkEveryMs: number
  /** A start of which nothing is heard for so long is given up. */
  hungAfterMs: number
  /** How often to look for ends of sessions, idle machines and deleted ones. */
  upkeepEveryMs: number
  /** How often the files of a user are measured, while they may change. */
  measureEveryMs: number
  /** How long to wait after the n-th try failed, n from 1. */
  retryDelayMs(tries: number): number
}

/** All that a worker works with. */
export interface WorkerDeps extends MachineSettings {
  db: Db
  installation: Installation
  runtime: Runtime
  /** Absolute path; users' files are below it. */
  dataDir: string
  queue: LaunchQueue
  clock: Clock
  logger: Logger
  metrics: WorkerMetrics
  /** Undefined where no traces are made. */
  tracing: Tracing | undefined
  /** Keeps the values in the array, now or later, out of the log until the answer is called. */
  holdSecrets(values: readonly string[]): () => void
  timings: Timings
  logs: LogRetention
  /** The way to ask issuers about tokens and models; undefined where that is switched off. */
  issuers: Issuers | undefined
  /** Where the archives of cloud saves lie, and what saving and restoring leave free of a disk. */
  saves: { folder: string; reserveBytes: number }
  forServices: ServiceSettings
  requests: RequestSettings
}

/** Doubles from 2 seconds, with up to half as much again so that a crowd doesn't come back at once. */
export const retryDelayMs = (tries: number) => 2000 * 2 ** (tries - 1) * (1 + Math.random() / 2)

export const TIMINGS: Timings = {
  leaseMs: 15_000,
  renewEveryMs: 1000,
  sweepEveryMs: 5000,
  beatEveryMs: 5000,
  checkEveryMs: 5000,
  hungAfterMs: 15 * 60_000,
  upkeepEveryMs: 5000,
  measureEveryMs: 10 * 60_000,
  retryDelayMs,
}
