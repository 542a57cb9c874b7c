import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { killProcess } from './processes'

/** A program of Slipway's in a process of its own. */
export interface RunningProgram {
  pid: number
  /** Everything that it printed. */
  output: string[]
  signal(signal: NodeJS.Signals): void
  /** With how it ended: an exit code or a signal. */
  ended: Promise<number | NodeJS.Signals>
}

/** Runs a bundled program and returns once it prints that it is ready. */
export async function startProgram(
  program: string,
  { env, cwd, readyLine }: { env: Record<string, string | undefined>; cwd?: string; readyLine: RegExp },
): Promise<RunningProgram> {
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
