import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { killProcess } from '../processes'
import { ContainerLog } from './container-log'

interface ProcessPlan {
  command: readonly string[]
  env: NodeJS.ProcessEnv
  cwd: string
}

export interface Ending {
  exitCode: number
  reason: 'Completed' | 'Error' | 'OOMKilled' | 'StartError'
}

/** What left the group may hold the output; its words are nobody's any more. */
const OUTPUT_LIMIT_MS = 1000

type Child = ChildProcessByStdio<null, Readable, Readable>

/** A container: a process with nothing of this one's environment, in a group of its own, and what comes of it. */
export class ContainerProcess {
  readonly log: ContainerLog
  /** Resolves once it and all that it started are gone, and its output is written down. */
  readonly ended: Promise<Ending>
  private reason: Ending['reason'] | undefined

  private constructor(private readonly child: Child) {
    this.log = new ContainerLog([child.stdout, child.stderr])
    this.ended = this.end()
  }

  /** @throws Error when the program can't be started */
  static async start({
    command: [program = '', ...words],
    env,
    cwd,
  }: ProcessPlan): Promise<ContainerProcess> {
    const child: Child = spawn(program, words, {
      env,
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const container = new ContainerProcess(child)
    await once(child, 'spawn')
    return container
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  private async end(): Promise<Ending> {
    const [code, signal] = await once(this.child, 'exit').catch(() => [128, null])
    // A container ends with its first process, and everything in it.
    for (const pid of processesOf(({ group }) => group === this.child.pid)) killProcess(pid)
    const given = setTimeout(
      () => this.child.stdout.destroy() && this.child.stderr.destroy(),
      OUTPUT_LIMIT_MS,
    )
    await this.log.closed()
    clearTimeout(given)
    const exitCode = signal ? 128 + constants.signals[signal as NodeJS.Signals] : Number(code)
    return { exitCode, reason: this.reason ?? (exitCode ? 'Error' : 'Completed') }
  }

  terminate() {
    killProcess(this.pid, 'SIGTERM')
  }

  kill(reason?: 'OOMKilled') {
    this.reason = reason
    killProcess(this.pid)
  }
}

/** Kills what lives with all of these in its environment, such as `HOSTNAME=pod`, in whichever session. */
export function killMarked(marks: readonly string[]): void {
  for (const pid of processesOf(({ variables }) => marks.every((mark) => variables().includes(mark))))
    killProcess(pid)
}

function processesOf(matches: (found: { group: number; variables(): string[] }) => boolean): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 1) || pid === process.pid) return false
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
        return matches({ group, variables: () => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0') })
      } catch {
        return false
      }
    })
}
