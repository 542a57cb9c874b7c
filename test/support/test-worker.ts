import type { Timings, WorkerDeps } from '~/worker/deps'
import type { Fault } from './faulty-deps'
import { type RunningProgram, startProgram } from './start-program'

/** What a worker process of a test is told. */
export interface WorkerConfig {
  dataDir: string
  redisUrl: string
  runtime: {
    comfyuiCommand: string | undefined
    trainerCommand: string | undefined
    filebrowserProgram: string
    startTimeoutMs: number
    stopGraceMs: number
    /** Runs machines on this Engine instead of as processes. */
    docker?: { dockerHost: string; filebrowserImage: string; comfyuiImage: string | undefined }
    logs: { program: string; bytesMax: number }
  }
  /** Without a delay between tries of its own it has production's, which grows. */
  timings: Omit<Timings, 'retryDelayMs'> & { retryDelayMs?: number }
  forServices: WorkerDeps['forServices']
  machineLimits: WorkerDeps['machineLimits']
  fault: Fault | undefined
}

/** The program that takes it. */
export const WORKER_PROGRAM = 'test/support/worker-process.ts'

/**
 * A worker in a process of its own; returns once it takes jobs.
 * @param program what WORKER_PROGRAM was bundled to
 */
export const startTestWorker = (program: string, config: WorkerConfig): Promise<RunningProgram> =>
  startProgram(program, {
    env: { PATH: process.env.PATH, TEST_WORKER: JSON.stringify(config) },
    readyLine: /^ready$/,
  })
