import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

export const COMMAND = 'build/cli/runcomfy.mjs'

export interface RunOptions {
  env?: Record<string, string>
  stdin?: string
  /** Interrupts it, as Ctrl-C does. */
  signal?: AbortSignal
  /** Told what it writes, as it comes. */
  onOutput?(text: string): void
}

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface Ran extends Ended {
  /** What other users of the machine could read of it while it ran. */
  commandLine: string
}

/** The command as it is built, in a process of its own, with this environment and no other. */
export const runCommand = (args: string[], options?: RunOptions): Promise<Ran> =>
  runWatched(process.execPath, [COMMAND, ...args], options)

/** Any other program in the same way. */
export async function runProgram(program: string, args: string[], options?: RunOptions): Promise<Ended> {
  const { commandLine: _, ...ended } = await runWatched(program, args, options)
  return ended
}

export async function runWatched(
  program: string,
  args: string[],
  { env = {}, stdin = '', signal, onOutput }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env },
  })
  const interrupt = () => child.kill('SIGINT')
  signal?.addEventListener('abort', interrupt)
  const commandLine = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      onOutput?.(text)
    })
  // It may have ended without reading.
  child.stdin.on('error', () => undefined).end(stdin)
  const [code] = await once(child, 'close')
  signal?.removeEventListener('abort', interrupt)
  return { code, ...said, commandLine }
}
