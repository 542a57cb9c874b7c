import { readdirSync, readFileSync } from 'node:fs'
import { sendSignal } from './send-signal'

export interface LabelledProcess {
  pid: number
  machineId: string
  attempt: number
  service: string
  /** Whether it heads the group that it was started in. */
  isLeader: boolean
  arguments: string[]
}

/** What lives and carries the installation's label, read from /proc without the code that is tested. */
export function labelledProcesses(installationId: string): LabelledProcess[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1)
    .flatMap((pid) => {
      try {
        const [state, , group] = statOf(pid)
        const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
        const read = (name: string) =>
          variables.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
        if (state === 'Z' || read('SLIPWAY_INSTALLATION') !== installationId) return []
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return [
          {
            pid,
            machineId: read('SLIPWAY_MACHINE_ID') ?? '',
            attempt: Number(read('SLIPWAY_ATTEMPT')),
            service: read('SLIPWAY_SERVICE') ?? '',
            isLeader: Number(group) === pid,
            arguments: words.slice(0, -1),
          },
        ]
      } catch {
        return []
      }
    })
}

const statOf = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

export function isAlive(pid: number): boolean {
  try {
    return statOf(pid)[0] !== 'Z'
  } catch {
    return false
  }
}

/** Whether the process is there, and stopped by a signal. */
export function isSuspended(pid: number): boolean {
  try {
    return statOf(pid)[0] === 'T'
  } catch {
    return false
  }
}

export function killProcess(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    sendSignal(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
