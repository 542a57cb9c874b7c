import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/**
 * Starts the command of `npm start` as a person's shell would, and collects what it prints.
 * @param root the project, which is this one unless said otherwise
 */
export function launch(settings: Record<string, string>, args: string[] = [], root = process.cwd()) {
  const { REDIS_URL: _, ...inherited } = process.env
  const env = { ...inherited, LOG_LEVEL: 'warn', ...settings }
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const exited = once(child, 'close').then(([code, signal]) => code ?? signal)

  return {
    pid: child.pid ?? 0,
    output: () => output,
    /** The exit code, or the signal that ended it. */
    exited,
    /** Resolves with the match once it is in the output; fails when the launcher ends without it. */
    async prints(pattern: RegExp): Promise<RegExpExecArray> {
      const ended = exited.then((code) => {
        const match = pattern.exec(output)
        if (match) return match
        throw new Error(`ended (${code}) before it printed ${pattern}:\n${output}`)
      })
      const printed = new Promise<RegExpExecArray>((resolve) => {
        const look = () => {
          const match = pattern.exec(output)
          if (match) resolve(match)
        }
        child.stdout.on('data', look)
        child.stderr.on('data', look)
        look()
      })
      return Promise.race([printed, ended])
    },
    signal: (signal: NodeJS.Signals) => child.kill(signal),
  }
}

/** Every living process whose environment or command line names the folder, whoever started it. */
export function processesOf(dataDir: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
        return `${command}${environment}`.includes(dataDir) ? [{ pid: Number(pid), command }] : []
      } catch {
        return [] // gone by now
      }
    })
}
