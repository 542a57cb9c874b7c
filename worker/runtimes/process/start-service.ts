import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LaunchError } from '../../launch-errors'
import { startLogWriter } from '../../logs/start-writer'
import { assertPassable } from '../environment'
import { writerLabel } from './log-writers'
import { endProcesses, isLabelled, LABEL, leaderOf, takeCensus } from './members'
import { bootId, startTimeOf } from './processes'
import { untilReady } from './readiness'
import { claimRecord, readRecord, removeRecord, type ServiceRecord } from './records'
import { inheritedEnvironment, logOf, type ServiceStart, serviceEnvironment } from './services'

/**
 * Starts one service, or takes over the process that an earlier try started.
 * @returns its address, once it answers there
 */
export async function startService(start: ServiceStart, signal: AbortSignal): Promise<string> {
  const record = (await adopt(start)) ?? (await spawnService(start, signal))
  return untilReady(start, record, signal)
}

/** An earlier worker may have died after the spawn: before it wrote the record, or after. */
async function adopt({ service, plan, folders, settings }: ServiceStart): Promise<ServiceRecord | undefined> {
  if (plan.isFirstTry) return undefined
  // In this order: a process that was recorded after the census would look as if it had ended.
  const record = await readRecord(folders.run, service)
  const census = takeCensus()
  if (record && record.attempt === plan.attempt && leaderOf(census, record)) return record
  if (record) {
    // What carries the label without being the recorded process was started by it.
    await removeRecord(folders.run, service)
    return undefined
  }
  const unrecorded = census.processes.find(
    (info) =>
      isLabelled(info, settings.installationId, plan.machineId) &&
      info.environment[LABEL.service] === service &&
      info.environment[LABEL.attempt] === String(plan.attempt) &&
      info.pid === info.groupId,
  )
  if (!unrecorded) return undefined
  const { pid, startTime, environment } = unrecorded
  const found = {
    service,
    attempt: plan.attempt,
    pid,
    startTime,
    bootId: census.bootId,
    port: Number(environment.PORT),
  }
  return (await claimRecord(folders.run, found)) ? found : readRecord(folders.run, service)
}

async function spawnService(start: ServiceStart, signal: AbortSignal): Promise<ServiceRecord> {
  const { service, command, plan, folders } = start
  const port = await start.pickPort()
  const log = await openLog(start)
  try {
    signal.throwIfAborted()
    if (!plan.stillMine())
      throw new LaunchError('runtime_unavailable', 'Another worker took over before the spawn.')
    const env = serviceEnvironment(start, port)
    assertPassable(env)
    const child = spawn(command.file, command.args, {
      cwd: folders.workspace,
      // A session and group of its own: it outlives this worker, and is ended as a whole.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: env as NodeJS.ProcessEnv,
    })
    child.unref()
    await spawned(child, command.file)
    const record = describe(child.pid ?? 0, start, port)
    if (await claimRecord(folders.run, record)) return record
    // Another worker was faster by a hair: it recorded a process of its own, and ours goes, or ours.
    const first = await readRecord(folders.run, service)
    if (first?.pid !== record.pid)
      await endProcesses(() => groupOf(record), { graceMs: 0, mayEnd: () => true })
    return first ?? record
  } finally {
    await log.close()
  }
}

/** Where the service prints to: its log writer, which hides every secret that the service knows. */
async function openLog(start: ServiceStart) {
  const { service, plan, folders, settings } = start
  await mkdir(folders.run, { recursive: true, mode: 0o700 })
  try {
    return await startLogWriter({
      log: logOf(start),
      bytesMax: settings.logs.bytesMax,
      secrets: plan.secrets,
      program: settings.logs.program,
      label: writerLabel({ ...settings, ...plan, service }),
      pipe: join(folders.run, service),
      environment: inheritedEnvironment(settings.environment),
    })
  } catch (error) {
    throw new LaunchError('runtime_unavailable', `The log of ${service} could not be begun: ${error}`)
  }
}

async function spawned(child: ReturnType<typeof spawn>, file: string): Promise<void> {
  try {
    await once(child, 'spawn')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const errorClass = code === 'ENOENT' || code === 'EACCES' ? 'command_not_found' : 'runtime_unavailable'
    throw new LaunchError(errorClass, `${file} could not be started: ${code}.`)
  }
}

function describe(pid: number, { service, plan }: ServiceStart, port: number): ServiceRecord {
  // One that has ended already gets a start time that matches nothing.
  const startTime = startTimeOf(pid) ?? -1
  return { service, attempt: plan.attempt, pid, startTime, bootId: bootId(), port }
}

const groupOf = async (record: ServiceRecord) => {
  const census = takeCensus()
  return leaderOf(census, record) ? census.processes.filter(({ groupId }) => groupId === record.pid) : []
}
