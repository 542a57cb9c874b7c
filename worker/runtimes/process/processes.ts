import { readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'

// /proc answers from memory: a synchronous read takes microseconds, an asynchronous one a turn of the thread pool.

/** What Linux's /proc tells of one process. */
export interface ProcessInfo {
  pid: number
  groupId: number
  /** Ticks since boot; with the pid and the boot it names one process for ever. */
  startTime: number
  environment: Record<string, string>
}

/** The boot that pids and start times belong to. */
export const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** @returns undefined when it is gone, or a zombie that only waits to be collected */
export function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold blanks and parentheses itself.
    const [state, , groupId, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return undefined
    return {
      pid,
      groupId: Number(groupId),
      startTime: Number(rest[16]),
      environment: readEnvironment(pid),
    }
  } catch (error) {
    // Any other failure must not look like a process that has ended.
    if (!isGone(error) && !isForbidden(error)) throw error
    return undefined
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''
const isGone = (error: unknown) => ['ENOENT', 'ESRCH'].includes(codeOf(error))
const isForbidden = (error: unknown) => ['EACCES', 'EPERM'].includes(codeOf(error))

function readEnvironment(pid: number): Record<string, string> {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .map((entry) => {
        const equals = entry.indexOf('=')
        return [entry.slice(0, equals), entry.slice(equals + 1)]
      })
    return Object.fromEntries(entries)
  } catch (error) {
    // Another user's process: not ours, so its label doesn't matter.
    if (isForbidden(error)) return {}
    throw error
  }
}

export function listProcesses(): ProcessInfo[] {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1)
  return pids.map(readProcess).filter((info) => info !== undefined)
}

const LISTENING = '0A'

/** Whether one of the processes listens on the loopback port, rather than a stranger who was faster. */
export async function listensOn(pids: readonly number[], port: number): Promise<boolean> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  )
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hexPort}`) && columns[3] === LISTENING)
    .map((columns) => `socket:[${columns[9]}]`)
  if (!sockets.length) return false
  const owned = await Promise.all(pids.map(openFiles))
  return owned.flat().some((target) => sockets.includes(target))
}

async function openFiles(pid: number): Promise<string[]> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
  return Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
}
