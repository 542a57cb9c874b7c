import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Timings, WorkerDeps } from '~/worker/deps'
import { bundled } from './bundle'
import type { Fault } from './faulty-deps'
import { killProcess } from './processes'

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
  }
  timings: Omit<Timings, 'retryDelayMs'> & { retryDelayMs: number }
  endpoints: WorkerDeps['endpoints']
  machineLimits: WorkerDeps['machineLimits']
  fault: Fault | undefined
}

export interface TestWorker {
  pid: number
  /** Everything that it printed. */
  output: string[]
  signal(signal: NodeJS.Signals): void
  /** With how it ended: an exit code or a signal. */
  ended: Promise<number | NodeJS.Signals>
}

/** A worker in a process of its own; returns once it takes jobs. */
export async function startTestWorker(config: WorkerConfig): Promise<TestWorker> {
  const program = await bundled('test/support/worker-process.ts')
  const env = { PATH: process.env.PATH, TEST_WORKER: JSON.stringify(config) }
  return startProgram(program, { env, readyLine: /^ready$/ })
}

/** Runs a bundled program and returns once it prints that it is ready. */
export async function startProgram(
  program: string,
  { env, cwd, readyLine }: { env: Record<string, string | undefined>; cwd?: string; readyLine: RegExp },
): Promise<TestWorker> {
  const child = spawn(process.execPath, [program], {
    cwd,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line)
        if (readyLine.test(line)) resolve()
      })
  })
  const died = ended.then((how) => {
    throw new Error(`The program ended before it was ready (${how}):\n${output.join('\n')}`)
  })
  died.catch(() => undefined)
  await Promise.race([ready, died])
  const pid = child.pid ?? 0
  return { pid, output, ended, signal: (signal) => killProcess(pid, signal) }
}
