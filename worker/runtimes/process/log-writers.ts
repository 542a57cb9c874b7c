import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceName } from '../../../db/schema'
import { LOG_LABEL } from '../../logs/start-writer'
import { type Census, endProcesses } from './members'
import type { ProcessInfo } from './processes'

/** How long a writer may take to bring to the disk what its service printed last; it gives way to all that runs. */
const DRAIN_MS = 10_000

interface Whose {
  installationId: string
  machineId: string
}

export const writerLabel = (whose: Whose & { attempt: number; service: ServiceName }) =>
  [whose.installationId, whose.machineId, whose.attempt, whose.service].join('/')

/** The log writers of a machine, or of one service of one attempt. */
export function writersOf(
  { processes }: Census,
  { service, attempt, ...whose }: Whose & { attempt?: number; service?: ServiceName },
): ProcessInfo[] {
  const belongs =
    service && attempt
      ? (label: string) => label === writerLabel({ ...whose, attempt, service })
      : (label: string) => label.startsWith(`${whose.installationId}/${whose.machineId}/`)
  return processes.filter(({ environment }) => belongs(environment[LOG_LABEL] ?? ''))
}

/** Returns once they have written everything down, or seem to wait for somebody else who prints. */
export async function awaitWriters(find: () => ProcessInfo[]): Promise<void> {
  const deadline = Date.now() + DRAIN_MS
  while (find().length && Date.now() < deadline) await pause(10)
}

/** Lets them finish, and ends those that don't: what is left of the machine has lost its label. */
export async function endWriters(find: () => ProcessInfo[], mayEnd: () => boolean): Promise<void> {
  await awaitWriters(find)
  await endProcesses(async () => find(), { graceMs: 0, mayEnd })
}
