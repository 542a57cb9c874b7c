import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { claimLaunch } from '~/db/machine-claims'
import { launchMachine } from '~/db/machine-requests'
import { listMachines } from '~/db/machines'
import { queuePrefix } from '~/worker/queue'
import { SOMEBODY } from '../support/actors'
import { bundled } from '../support/bundle'
import { faultSystem } from '../support/fault-system'

const LEASE_MS = 2000

describe('fault 5: a worker’s event loop is blocked for longer than its lock', () => {
  test('nobody else gets the launch while its lease lasts; then another starts it, and the first nothing', async () => {
    const system = await faultSystem()
    const blocked = await system.startWorker({
      fault: { at: 'before-start', signal: 'block', blockMs: 4 * LEASE_MS },
    })
    const { machineId, attempt } = await system.launch()
    await system.has(machineId, 'starting')
    const held = system.machine(machineId)
    const early = () => Math.max(Date.now(), held.leaseUntil - 1)
    expect(early()).toBeLessThan(held.leaseUntil)
    expect(
      claimLaunch(system.db, { machineId, attempt }, { leaseMs: LEASE_MS, clock: early }),
    ).toBeUndefined()
    const second = await system.startWorker()
    await system.has(machineId, 'running')
    const after = system.machine(machineId)
    expect(after.fence).toBe(held.fence + 1)
    const [service] = system.processes()
    // It wakes, ends well and has changed nothing.
    blocked.signal('SIGTERM')
    expect(await blocked.ended).toBe(0)
    await system.swept(second)
    await system.expectHealthy()
    expect(system.machine(machineId)).toEqual(after)
    expect(system.processes().map(({ pid }) => pid)).toEqual([service?.pid])
    expect(system.starts(machineId)).toBe(1)
  })
})

describe('fault 13: the web process dies between the queue and its answer', () => {
  test('the request is sent again: it is the same job, and one launch', async () => {
    const system = await faultSystem()
    const { dataDir, redis, admin, db, queue } = system
    const program = await bundled('test/support/adding-process.ts')
    const child = spawn(process.execPath, [program, dataDir, redis.url, admin.id, 'again'], {
      stdio: 'inherit',
    })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    const [made] = listMachines(db, admin.id)
    const again = launchMachine(
      db,
      { userId: admin.id, kind: 'comfyui', name: 'One', idempotencyKey: 'again' },
      SOMEBODY,
      Date.now,
    )
    expect(again.machineId).toBe(made?.id)
    expect(await queue.add({ job: 'launch', ...again })).toBe(true)
    const jobs = `${queuePrefix(system.installation.id)}:launches:wait`
    expect(await redis.command('LLEN', jobs)).toBe(1)
    await system.startWorker()
    await system.has(again.machineId, 'running')
    await system.expectHealthy()
    expect(system.starts(again.machineId)).toBe(1)
  })
})
