import { describe, expect, test } from 'vitest'
import { launchMachine } from '~/db/machine-requests'
import { SOMEBODY } from '../support/actors'
import { comfyui, faultSystem } from '../support/fault-system'

describe('fault 7: Redis is killed while launches run', () => {
  test('all of them end up running, once each', async () => {
    const system = await faultSystem()
    const gate = `${system.folder}/go`
    const options = { comfyuiCommand: comfyui('waits-for', gate) }
    await system.startWorker(options)
    await system.startWorker(options)
    const launches = await Promise.all([system.launch(), system.launch(), system.launch()])
    for (const { machineId } of launches) await system.startedService(machineId, 'comfyui')
    await system.redis.kill()
    await system.redis.restart()
    system.touch(gate)
    for (const { machineId } of launches) await system.has(machineId, 'running')
    await system.expectHealthy(['comfyui', 'filebrowser'])
    for (const { machineId } of launches) expect(system.starts(machineId, 'comfyui')).toBe(1)
  })
})

describe('fault 8: Redis is killed while the worker is idle', () => {
  test('the worker takes the next launch once Redis is back', async () => {
    const system = await faultSystem()
    const worker = await system.startWorker()
    const first = await system.launch()
    await system.has(first.machineId, 'running')
    await system.redis.kill()
    await system.swept(worker)
    await system.redis.restart()
    const second = await system.launch()
    await system.has(second.machineId, 'running')
    await system.expectHealthy()
  })
})

describe('fault 9: Redis loses everything', () => {
  test('what is queued, starting or running is not lost', async () => {
    const system = await faultSystem()
    const gate = `${system.folder}/go`
    const queued = await system.launch()
    expect(queued.hinted).toBe(true)
    await system.redis.command('FLUSHALL')
    await system.startWorker({ comfyuiCommand: comfyui('waits-for', gate) })
    await system.startedService(queued.machineId, 'comfyui')
    await system.redis.command('FLUSHALL')
    system.touch(gate)
    await system.has(queued.machineId, 'running')
    await system.redis.command('FLUSHALL')
    const after = await system.launch()
    await system.has(after.machineId, 'running')
    await system.expectHealthy(['comfyui', 'filebrowser'])
    for (const { machineId } of [queued, after]) expect(system.starts(machineId, 'comfyui')).toBe(1)
  })
})

describe('fault 11: Redis is away when the worker starts', () => {
  test('the worker waits for it, and then works', async () => {
    const system = await faultSystem()
    await system.redis.kill()
    const worker = await system.startWorker()
    const { machineId, hinted } = await system.launch()
    expect(hinted).toBe(false)
    await system.swept(worker)
    expect(system.machine(machineId).status).toBe('queued')
    await system.redis.restart()
    await system.has(machineId, 'running')
    await system.expectHealthy()
  })
})

describe('fault 12: Redis is away during the request', () => {
  test('the launch is queued all the same, and runs once when Redis is back', async () => {
    const system = await faultSystem()
    const worker = await system.startWorker()
    await system.redis.kill()
    const { machineId, hinted } = await system.launch()
    expect(hinted).toBe(false)
    expect(system.machine(machineId).status).toBe('queued')
    await system.swept(worker)
    await system.redis.restart()
    await system.has(machineId, 'running')
    await system.expectHealthy()
    expect(system.starts(machineId)).toBe(1)
  })

  test('a stop that Redis did not hear of happens all the same', async () => {
    const system = await faultSystem()
    await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    await system.redis.kill()
    await system.stop(machineId)
    expect(system.machine(machineId).status).toBe('stopping')
    await system.redis.restart()
    await system.has(machineId, 'stopped')
    await system.expectHealthy()
  })
})

describe('fault 14: the web process dies between the database and the queue', () => {
  test('a launch that no job was added for is started by the sweeper', async () => {
    const system = await faultSystem()
    const { db, admin } = system
    const { machineId } = launchMachine(
      db,
      { userId: admin.id, kind: 'comfyui', name: 'One' },
      SOMEBODY,
      Date.now,
    )
    await system.startWorker()
    await system.has(machineId, 'running')
    await system.expectHealthy()
    expect(system.starts(machineId)).toBe(1)
  })
})
