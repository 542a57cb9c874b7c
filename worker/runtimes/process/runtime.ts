import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceAddress } from '../../../db/machine-outcomes'
import { SERVICE_NAMES, type ServiceName } from '../../../db/schema'
import { removeFolders } from '../folders'
import { portPicker } from '../ports'
import type { LaunchPlan, RunningMachine, Runtime } from '../runtime'
import { startTogether } from '../start-together'
import { workspaceFolder, workspacesIn } from '../workspaces/workspaces'
import { endWriters, writersOf } from './log-writers'
import { endProcesses, isLabelled, LABEL, leaderOf, membersOf, takeCensus } from './members'
import { listRecords, readRecord, type ServiceRecord } from './records'
import { type LogSettings, serviceCommands } from './services'
import { startService } from './start-service'

/** How long a service has to end by itself after TERM. */
const STOP_GRACE_MS = 10_000

export interface ProcessRuntimeSettings {
  dataDir: string
  installationId: string
  comfyuiCommand: string | undefined
  trainerCommand: string | undefined
  filebrowserProgram: string
  startTimeoutMs: number
  logs: LogSettings
  /** What services may inherit is picked from here. */
  environment: Record<string, string | undefined>
  stopGraceMs?: number
}

/**
 * Runs machines as processes of the server itself, each service in a group of its own. It isolates
 * nothing: a service can read whatever the server's user can. Needs Linux's /proc.
 */
export function processRuntime(settings: ProcessRuntimeSettings): Runtime {
  const { dataDir, installationId } = settings
  const commands = serviceCommands(settings)
  const pickPort = portPicker()
  const runFolder = join(dataDir, 'run')
  const folderOf = (machineId: string) => join(runFolder, machineId)

  async function recordsOf(machineId: string): Promise<ServiceRecord[]> {
    const records = await Promise.all(
      SERVICE_NAMES.map((service) => readRecord(folderOf(machineId), service)),
    )
    return records.filter((record) => record !== undefined)
  }

  async function members(machineId: string) {
    const records = await recordsOf(machineId)
    return membersOf(takeCensus(), { installationId, machineId, records })
  }

  async function stop(machineId: string, mayEnd = () => true): Promise<void> {
    await endProcesses(() => members(machineId), { graceMs: settings.stopGraceMs ?? STOP_GRACE_MS, mayEnd })
    await endWriters(() => writersOf(takeCensus(), { installationId, machineId }), mayEnd)
    if (mayEnd()) await rm(folderOf(machineId), { recursive: true, force: true })
  }

  async function start(plan: LaunchPlan, signal: AbortSignal): Promise<ServiceAddress[]> {
    const present = plan.isFirstTry
      ? undefined
      : (await list()).find(({ machineId }) => machineId === plan.machineId)
    if (present && present.attempt !== plan.attempt) await stop(plan.machineId, plan.stillMine)
    const workspace = workspaceFolder(dataDir, plan.workspaceId)
    const home = join(dataDir, 'machines', plan.machineId)
    await mkdir(workspace, { recursive: true, mode: 0o700 })
    await mkdir(home, { recursive: true, mode: 0o700 })
    const folders = { run: folderOf(plan.machineId), home, workspace }
    return startTogether(plan, signal, async ({ service, env }, either) => {
      const command = commands[service]
      if (!command) throw new Error(`This installation has no command for ${service}.`)
      return startService({ service, command, env, plan, folders, settings, pickPort }, either)
    })
  }

  async function list(): Promise<RunningMachine[]> {
    // In this order: a process that was recorded after the census would look as if it had ended.
    const recorded = await listRecords(runFolder)
    const census = takeCensus()
    const found = new Map<string, RunningMachine>()
    const add = (machineId: string, attempt: number, service?: ServiceName) => {
      const machine = found.get(machineId) ?? { machineId, attempt, services: [] }
      if (service && !machine.services.includes(service)) machine.services.push(service)
      found.set(machineId, machine)
    }
    for (const [machineId, records] of recorded)
      for (const record of records)
        add(machineId, record.attempt, leaderOf(census, record) ? record.service : undefined)
    for (const info of census.processes) {
      const machineId = info.environment[LABEL.machine]
      if (!machineId || !isLabelled(info, installationId, machineId)) continue
      const service = info.environment[LABEL.service] as ServiceName
      // Whatever a service started may head a group too; where there is a record, that alone tells.
      const isService =
        info.pid === info.groupId && !recorded.get(machineId)?.some((record) => record.service === service)
      add(machineId, Number(info.environment[LABEL.attempt]), isService ? service : undefined)
    }
    return [...found.values()]
  }

  async function remove({ machineId, workspaceId }: { machineId: string; workspaceId: string | undefined }) {
    await stop(machineId)
    await removeFolders(dataDir, machineId, workspaceId)
  }

  return {
    services: Object.keys(commands) as ServiceName[],
    endsWithTerminal: true,
    start,
    stop,
    remove,
    list,
    // Each service has a log writer of its own.
    keepLogs: async () => undefined,
    workspaces: workspacesIn(dataDir),
  }
}
