import { open } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { scrub } from '../../../scrub'
import { LaunchError } from '../../launch-errors'
import { membersOf, takeCensus } from './members'
import { listensOn, readProcess } from './processes'
import type { ServiceRecord } from './records'
import { logFile, type ServiceStart } from './services'

/** Most services either answer within this time or take a good while. */
const QUICK_START_MS = 3000

/**
 * @returns the service's address, once the service itself answers there
 * @throws LaunchError with the last lines of its log, when it ends or takes too long
 */
export async function waitUntilAnswers(
  start: ServiceStart,
  record: ServiceRecord,
  signal: AbortSignal,
): Promise<string> {
  const { command, service, settings } = start
  const address = `http://127.0.0.1:${record.port}`
  const began = Date.now()
  for (;;) {
    signal.throwIfAborted()
    const leader = readProcess(record.pid)
    if (leader?.startTime !== record.startTime) throw await exited(start)
    if ((await answers(address + command.readyPath, signal)) && (await isOurs(start, record))) return address
    const waited = Date.now() - began
    if (waited > settings.startTimeoutMs) {
      const seconds = settings.startTimeoutMs / 1000
      throw new LaunchError(
        'start_timeout',
        `${service} did not answer within ${seconds} s.\n${await logTail(start)}`,
      )
    }
    await pause(waited < QUICK_START_MS ? 10 : 250, undefined, { signal })
  }
}

/** Whether the port that answers belongs to this machine, rather than to whatever took it first. */
async function isOurs({ plan, settings }: ServiceStart, record: ServiceRecord): Promise<boolean> {
  if (await listensOn([record.pid], record.port)) return true
  const { installationId } = settings
  const members = membersOf(takeCensus(), {
    installationId,
    machineId: plan.machineId,
    records: [record],
  })
  return listensOn(
    members.map(({ pid }) => pid),
    record.port,
  )
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]),
    })
    await answer.body?.cancel()
    return answer.status < 500
  } catch {
    return false
  }
}

async function exited(start: ServiceStart): Promise<LaunchError> {
  const tail = await logTail(start)
  // What /bin/sh says of a command that isn't there.
  const errorClass = /^(\/bin\/)?sh: .*not found$/m.test(tail) ? 'command_not_found' : 'service_exited'
  return new LaunchError(errorClass, `${start.service} ended while it was starting. Its last lines:\n${tail}`)
}

const TAIL_CHARACTERS = 4000
const READ_BYTES = 16_384

/** The end of the service's output, without what it may have printed of its environment. */
async function logTail(start: ServiceStart): Promise<string> {
  const log = await open(logFile(start))
  try {
    const { size } = await log.stat()
    const { buffer, bytesRead } = await log.read({
      buffer: Buffer.alloc(READ_BYTES),
      position: Math.max(0, size - READ_BYTES),
    })
    // Scrubbed before it is cut: half a secret would not be found.
    return scrub(buffer.toString('utf8', 0, bytesRead), start.plan.secrets).slice(-TAIL_CHARACTERS)
  } finally {
    await log.close()
  }
}
