import { open } from 'node:fs/promises'
import { scrub } from '../../../scrub'
import { LaunchError } from '../../launch-errors'
import { waitUntilAnswers } from '../readiness'
import { membersOf, takeCensus } from './members'
import { listensOn, readProcess } from './processes'
import type { ServiceRecord } from './records'
import { logFile, type ServiceStart } from './services'

/**
 * @returns the service's address, once the service itself answers there
 * @throws LaunchError with the last lines of its log, when it ends or takes too long
 */
export async function untilReady(
  start: ServiceStart,
  record: ServiceRecord,
  signal: AbortSignal,
): Promise<string> {
  const address = `http://127.0.0.1:${record.port}`
  const assertAlive = async () => {
    if (readProcess(record.pid)?.startTime !== record.startTime) throw await exited(start)
  }
  await waitUntilAnswers(
    {
      service: start.service,
      url: address + start.command.readyPath,
      timeoutMs: start.settings.startTimeoutMs,
      assertAlive,
      isOurs: () => isOurs(start, record),
      logTail: () => logTail(start),
    },
    signal,
  )
  return address
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
