import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { waitingLine } from '~/db/machine-queue'
import { deleteMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { machines } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { comfyui, type FaultSystem, faultSystem } from '../support/fault-system'
import { until } from '../support/until'

const remove = async ({ db, admin, queue }: FaultSystem, id: string) => {
  const ref = deleteMachine(db, admin.id, id, SOMEBODY, Date.now)
  await queue.add({ job: 'stop', ...ref })
}

const gone = ({ db }: FaultSystem, id: string) =>
  until(`machine ${id} is gone`, () => findMachine(db, id) === undefined)

const foldersIn = ({ dataDir }: FaultSystem, kind: string) =>
  existsSync(join(dataDir, kind)) ? readdirSync(join(dataDir, kind)) : []

const expectNothingLeft = (system: FaultSystem) => {
  expect(system.processes()).toEqual([])
  for (const kind of ['machines', 'workspaces', 'run'])
    expect([kind, ...foldersIn(system, kind)]).toEqual([kind])
}

describe('fault 20: a machine is deleted while it launches', () => {
  test('it is gone in the end, and nothing of it is left: no process, no file, no row', async () => {
    const system = await faultSystem()
    const { machineId } = await system.launch()
    await system.startWorker({ comfyuiCommand: comfyui('never-answers') })
    await system.startedService(machineId, 'comfyui')
    await remove(system, machineId)
    await gone(system, machineId)
    expectNothingLeft(system)
  })

  test('also when the worker is killed in the middle of the launch', async () => {
    const system = await faultSystem()
    const doomed = await system.startWorker({ fault: { at: 'after-spawn', signal: 'SIGKILL' } })
    const { machineId } = await system.launch()
    await doomed.ended
    await remove(system, machineId)
    await system.startWorker()
    await gone(system, machineId)
    expectNothingLeft(system)
  })

  test('also before any worker has seen it, and once it runs with files in its workspace', async () => {
    const system = await faultSystem()
    const queued = await system.launch()
    await remove(system, queued.machineId)
    const { machineId } = await system.launch()
    await system.startWorker()
    await system.has(machineId, 'running')
    writeFileSync(join(system.dataDir, 'workspaces', system.machine(machineId).workspaceId, 'mine'), 'x')
    await remove(system, machineId)
    await gone(system, machineId)
    await gone(system, queued.machineId)
    expectNothingLeft(system)
  })
})

describe('fault 27: more launches than the installation may run', () => {
  test('wait in their order, and each starts when one before it has ended, however it ends', async () => {
    const system = await faultSystem()
    const refs = []
    for (let n = 0; n < 5; n++) refs.push(await system.launch())
    const ids = refs.map(({ machineId }) => machineId)
    await system.startWorker({ machineLimits: { inAll: 2 } })
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = ids
    await system.has(first, 'running')
    await system.has(second, 'running')
    expect(waitingLine(system.db, 2)).toEqual({ running: 2, inAll: 2, ids: [third, fourth, fifth] })
    await system.stop(first)
    await system.has(third, 'running')
    const dying = system.processes().find(({ machineId }) => machineId === second)
    process.kill(dying?.pid ?? 0, 'SIGKILL')
    await system.has(fourth, 'running')
    expect(system.machine(second).status).toBe('failed')
    await remove(system, third)
    await system.has(fifth, 'running')
    await system.expectHealthy()
    expect(waitingLine(system.db, 2)?.ids).toEqual([])
    expect(ids.filter((id) => id !== third).map((id) => system.starts(id))).toEqual([1, 1, 1, 1])
  })
})

describe('a session that is over', () => {
  test('is ended by a worker as its user would have stopped it, and others go on', async () => {
    const system = await faultSystem()
    const [over, other] = [await system.launch(), await system.launch()]
    await system.startWorker({ machineLimits: { sessionMs: 3_600_000 } })
    await system.has(over.machineId, 'running')
    await system.has(other.machineId, 'running')
    const set = { endsAt: Date.now(), warnedAt: 1 }
    system.db.update(machines).set(set).where(eq(machines.id, over.machineId)).run()
    await system.has(over.machineId, 'stopped')
    expect(system.machine(other.machineId).status).toBe('running')
    await system.expectHealthy()
  })
})
