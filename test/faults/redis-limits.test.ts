import { describe, expect, test } from 'vitest'
import { faultSystem } from '../support/fault-system'
import { until } from '../support/until'

describe('fault 15: Redis is full', () => {
  test('launches stay in the database, the alarm says why, and they run once it has room', async () => {
    const system = await faultSystem()
    const worker = await system.startWorker()
    const before = await system.launch()
    await system.has(before.machineId, 'running')
    await system.redis.command('CONFIG', 'SET', 'maxmemory', '1')
    expect(await system.queue.faults()).toEqual(['redis_memory'])
    const { machineId, hinted } = await system.launch()
    expect(hinted).toBe(false)
    await until('the worker says so', () => worker.output.some((line) => line.includes('Redis is full')))
    await system.swept(worker)
    expect(system.machine(machineId).status).toBe('queued')
    expect(system.machine(before.machineId).status).toBe('running')
    await system.redis.command('CONFIG', 'SET', 'maxmemory', '0')
    expect(await system.queue.faults()).toEqual([])
    await system.has(machineId, 'running')
    await until('the alarm is over', () => worker.output.some((line) => line.includes('Redis is well again')))
    await system.expectHealthy()
    expect(system.starts(machineId)).toBe(1)
  })
})

describe('fault 16: Redis may evict what it was given', () => {
  test('the worker warns at its start, health names it, and launches go on', async () => {
    const system = await faultSystem()
    await system.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    expect(await system.queue.faults()).toEqual(['redis_eviction_policy'])
    const worker = await system.startWorker()
    const policy = 'set its maxmemory-policy to noeviction'
    await until('the worker warns', () => worker.output.some((line) => line.includes(policy)))
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    await system.redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    expect(await system.queue.faults()).toEqual([])
    await system.expectHealthy()
  })
})
