import { setTimeout as pause } from 'node:timers/promises'
import { bootId, listProcesses, type ProcessInfo } from './processes'
import type { ServiceRecord } from './records'

/** The label: variables that every process of a machine inherits, whatever group it moves to. */
export const LABEL = {
  installation: 'SLIPWAY_INSTALLATION',
  machine: 'SLIPWAY_MACHINE_ID',
  attempt: 'SLIPWAY_ATTEMPT',
  service: 'SLIPWAY_SERVICE',
  request: 'SLIPWAY_REQUEST',
} as const

export interface Census {
  processes: ProcessInfo[]
  bootId: string
}

export const takeCensus = (): Census => ({ processes: listProcesses(), bootId: bootId() })

/** The process that the record means, if it still lives: same pid, same start, same boot. */
export const leaderOf = ({ processes, bootId }: Census, record: ServiceRecord): ProcessInfo | undefined =>
  record.bootId === bootId
    ? processes.find(({ pid, startTime }) => pid === record.pid && startTime === record.startTime)
    : undefined

export const isLabelled = ({ environment }: ProcessInfo, installationId: string, machineId: string) =>
  environment[LABEL.installation] === installationId && environment[LABEL.machine] === machineId

/**
 * Every living process of a machine: what carries its label, the recorded leaders, and what is in the
 * group of either. A stranger that got a recorded pid after a reboot is none of them.
 */
export function membersOf(
  census: Census,
  {
    installationId,
    machineId,
    records,
  }: { installationId: string; machineId: string; records: ServiceRecord[] },
): ProcessInfo[] {
  const roots = census.processes.filter((info) => isLabelled(info, installationId, machineId))
  const leaders = records.map((record) => leaderOf(census, record)).filter((info) => info !== undefined)
  const groups = new Set([...roots, ...leaders].map(({ groupId }) => groupId))
  return census.processes.filter(({ groupId }) => groups.has(groupId))
}

interface Ending {
  graceMs: number
  /** Looked at right before each signal; false leaves the rest as it is. */
  mayEnd(): boolean
}

/** TERM, then after the grace KILL, until nothing of it is left. */
export async function endProcesses(
  find: () => Promise<ProcessInfo[]>,
  { graceMs, mayEnd }: Ending,
): Promise<void> {
  const deadline = Date.now() + graceMs
  let signal: NodeJS.Signals = 'SIGTERM'
  const told = new Set<number>()
  for (;;) {
    const left = await find()
    if (!left.length || !mayEnd()) return
    if (Date.now() >= deadline) {
      signal = 'SIGKILL'
      told.clear()
    }
    for (const { pid } of left) {
      if (told.has(pid)) continue
      told.add(pid)
      send(pid, signal)
    }
    await pause(25)
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
