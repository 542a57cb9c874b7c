import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type LaunchRef, launchMachine, stopMachine } from '~/db/machine-requests'
import type { Machine } from '~/db/machine-states'
import { findMachine } from '~/db/machine-states'
import { listLive } from '~/db/machine-upkeep'
import { getMachine } from '~/db/machines'
import { machines } from '~/db/schema'
import type { MachineKind } from '~/providers/registry'
import { openLaunchQueue } from '~/worker/queue'
import { SOMEBODY } from './actors'
import { bundled } from './bundle'
import type { Fault } from './faulty-deps'
import { testInstallation } from './installation'
import { isSuspended, killProcess, labelledProcesses } from './processes'
import { startRedis } from './redis'
import { SERVICE_SETTINGS } from './service-settings'
import type { RunningProgram } from './start-program'
import { startTestWorker, WORKER_PROGRAM, type WorkerConfig } from './test-worker'
import { until } from './until'

const SERVICE = join(process.cwd(), 'test/support/programs/service.mjs')

/** The shell line of a ComfyUI that behaves as the service program's `behaviour` says. */
export const comfyui = (behaviour: string, path = '') =>
  `exec "${process.execPath}" "${SERVICE}" ${behaviour} "${path}"`

/**
 * A whole back end on real parts: database, Redis, worker processes, services. Whatever a test does to
 * it, `expectHealthy` must hold in the end, and nothing of it outlives the test.
 */
export async function faultSystem() {
  const { dataDir, db, installation, admin, member } = testInstallation()
  const folder = join(dataDir, '..')
  const filebrowserProgram = join(folder, 'filebrowser.mjs')
  mkdirSync(folder, { recursive: true })
  writeFileSync(filebrowserProgram, `import ${JSON.stringify(SERVICE)}\n`)
  const logWriter = await bundled('worker/logs/writer.ts')
  const redis = await startRedis(join(folder, 'redis'))
  const queue = openLaunchQueue({ redisUrl: redis.url, installationId: installation.id }, () => undefined)
  const workers: RunningProgram[] = []
  onTestFinished(async () => {
    for (const { pid } of workers) killProcess(pid)
    await Promise.all(workers.map(({ ended }) => ended))
    await until('no labelled process is left', () => {
      const left = labelledProcesses(installation.id)
      for (const { pid } of left) killProcess(pid)
      return left.length === 0
    })
    await queue.close()
    await redis.kill()
  })

  const startWorker = async ({
    fault,
    machineLimits = {},
    forServices = SERVICE_SETTINGS,
    ...runtime
  }: { fault?: Fault } & Partial<
    Pick<WorkerConfig, 'machineLimits' | 'forServices'> & WorkerConfig['runtime']
  > = {}) => {
    const worker = await startTestWorker(await bundled(WORKER_PROGRAM), {
      dataDir,
      redisUrl: redis.url,
      runtime: {
        comfyuiCommand: undefined,
        trainerCommand: undefined,
        filebrowserProgram,
        startTimeoutMs: 15_000,
        stopGraceMs: 1000,
        logs: { program: logWriter, bytesMax: 1_000_000 },
        ...runtime,
      },
      timings: {
        leaseMs: 2000,
        renewEveryMs: 250,
        sweepEveryMs: 300,
        beatEveryMs: 1000,
        checkEveryMs: 300,
        hungAfterMs: 60_000,
        upkeepEveryMs: 300,
        measureEveryMs: 60_000,
        retryDelayMs: 100,
      },
      forServices,
      machineLimits,
      fault,
    })
    workers.push(worker)
    return worker
  }

  const machine = (id: string): Machine => {
    const found = findMachine(db, id)
    if (!found) throw new Error(`There is no machine ${id}.`)
    return found
  }
  const processes = () => labelledProcesses(installation.id)
  const has = (id: string, status: Machine['status']) =>
    until(`machine ${id} is ${status}`, () => machine(id).status === status)

  return {
    dataDir,
    folder,
    db,
    installation,
    admin,
    member,
    redis,
    queue,
    startWorker,
    /** Has a worker that the test started itself killed at the end. */
    own: (worker: RunningProgram) => workers.push(worker),
    machine,
    processes,
    has,

    /** As a procedure does it: durable first, then a hint for the workers. */
    async launch(kind: MachineKind = 'comfyui'): Promise<LaunchRef & { hinted: boolean }> {
      const ref = launchMachine(db, { userId: admin.id, kind, name: 'One' }, SOMEBODY, Date.now)
      return { ...ref, hinted: await queue.add({ job: 'launch', ...ref }) }
    },

    async stop(id: string) {
      const ref = stopMachine(db, admin.id, id, SOMEBODY, Date.now)
      await queue.add({ job: 'stop', ...ref })
    },

    details(id: string) {
      const found = getMachine(db, admin.id, id)
      if (!found) throw new Error(`There is no machine ${id}.`)
      return found
    },

    suspended: ({ pid }: RunningProgram) => until('the worker is suspended', () => isSuspended(pid)),

    startedService: (id: string, service: string) =>
      until(`${service} of ${id} was started`, () =>
        processes().find((found) => found.machineId === id && found.service === service),
      ),

    startedGrandchild: (id: string) =>
      until('the service has a grandchild', () =>
        processes().find((found) => found.machineId === id && found.arguments.includes('grandchild')),
      ),

    /** Waits for two more sweeps of a worker: what is unknown is ended when it is seen twice. */
    async swept({ output }: RunningProgram) {
      const sweeps = () => output.filter((line) => line === 'swept').length
      const before = sweeps()
      await until('the worker swept twice', () => sweeps() > before + 2)
    },

    touch: (file: string) => writeFileSync(file, ''),

    /** How often a service of the machine was started, by its own account. */
    starts(id: string, service = 'filebrowser'): number {
      const file = join(dataDir, 'machines', id, `${service}.starts`)
      try {
        return readFileSync(file, 'utf8').trim().split('\n').length
      } catch {
        return 0
      }
    },

    /** No row on its way, one process for each service of each running machine, and none besides. */
    async expectHealthy(services: string[] = ['filebrowser']) {
      await until('no machine is on its way', () =>
        [...listLive(db).values()].every(({ status }) => status === 'running'),
      )
      const wanted = db
        .select()
        .from(machines)
        .all()
        .filter(({ status }) => status === 'running')
        .flatMap(({ id, attempt }) => services.map((service) => `${id} ${attempt} ${service}`))
        .sort()
      const found = () =>
        processes().map(({ machineId, attempt, service }) => `${machineId} ${attempt} ${service}`)
      await until('what ended is gone', () => found().length <= wanted.length)
      expect(found().sort()).toEqual(wanted)
    },
  }
}

export type FaultSystem = Awaited<ReturnType<typeof faultSystem>>
