import { logExtent, readLog } from '../../../log-files'
import { LaunchError } from '../../launch-errors'
import { waitUntilAnswers } from '../readiness'
import { awaitWriters, writersOf } from './log-writers'
import { membersOf, takeCensus } from './members'
import { listensOn, startTimeOf } from './processes'
import type { ServiceRecord } from './records'
import { logOf, type ServiceStart } from './services'

/** At least between two looks whether the service still lives. */
const LOOK_EVERY_MS = 100

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
  let lookedAt = 0
  const assertAlive = async () => {
    if (Date.now() - lookedAt < LOOK_EVERY_MS) return
    if (startTimeOf(record.pid) !== record.startTime) throw await exited(start)
    lookedAt = Date.now()
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
  if (listensOn([record.pid], record.port)) return true
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
  const { service, settings, plan } = start
  // What it printed last may still be on its way to the disk.
  await awaitWriters(() => writersOf(takeCensus(), { ...settings, ...plan, service }))
  const tail = await logTail(start)
  // What /bin/sh says of a command that isn't there.
  const errorClass = /^(\/bin\/)?sh: .*not found$/m.test(tail) ? 'command_not_found' : 'service_exited'
  return new LaunchError(errorClass, `${service} ended while it was starting. Its last lines:\n${tail}`)
}

const TAIL_BYTES = 4000

/** The end of the service's output, without what it may have printed of its environment. */
async function logTail(start: ServiceStart): Promise<string> {
  const log = logOf(start)
  const { bytes } = await readLog(log, Math.max(0, logExtent(log).size - TAIL_BYTES), TAIL_BYTES)
  return bytes.toString('utf8')
}
