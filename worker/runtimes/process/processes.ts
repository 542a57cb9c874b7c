import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

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
function readProcess(pid: number): ProcessInfo | undefined {
  return unlessGone(() => {
    const stat = readStat(pid)
    return stat && { pid, ...stat, environment: readEnvironment(pid) }
  })
}

/** @returns ticks since boot; undefined when it is gone, or a zombie that only waits to be collected */
export const startTimeOf = (pid: number): number | undefined => unlessGone(() => readStat(pid)?.startTime)

function readStat(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold blanks and parentheses itself.
  const [state, , groupId, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (state === 'Z' || state === 'X') return undefined
  return { groupId: Number(groupId), startTime: Number(rest[16]) }
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read()
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
export function listensOn(pids: readonly number[], port: number): boolean {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = ['tcp', 'tcp6']
    .flatMap((name) => orEmpty(() => readFileSync(`/proc/net/${name}`, 'utf8').split('\n').slice(1)))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(`:${hexPort}`) && columns[3] === LISTENING)
    .map((columns) => `socket:[${columns[9]}]`)
  return sockets.length > 0 && pids.some((pid) => hasOpen(pid, sockets))
}

function hasOpen(pid: number, targets: readonly string[]): boolean {
  const files = orEmpty(() => readdirSync(`/proc/${pid}/fd`))
  // What was opened last is what it listens on, as a rule.
  return files
    .reverse()
    .some((fd) =>
      orEmpty(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]).some((target) => targets.includes(target)),
    )
}

function orEmpty(read: () => string[]): string[] {
  try {
    return read()
  } catch {
    return []
  }
}
