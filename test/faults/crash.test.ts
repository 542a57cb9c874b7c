import { describe, expect, test } from 'vitest'
import { retryLaunch } from '~/db/launch-retries'
import { SOMEBODY } from '../support/actors'
import { comfyui, faultSystem } from '../support/fault-system'

const SIGKILL = 'SIGKILL'

describe('fault 1: a worker is killed before it starts anything', () => {
  test('the next worker starts the machine, once', async () => {
    const system = await faultSystem()
    const doomed = await system.startWorker({ fault: { at: 'before-start', signal: SIGKILL } })
    const { machineId } = await system.launch()
    expect(await doomed.ended).toBe(SIGKILL)
    expect(system.machine(machineId).status).toBe('starting')
    await system.startWorker()
    await system.has(machineId, 'running')
    await system.expectHealthy()
    expect(system.starts(machineId)).toBe(1)
  })
})

describe('fault 2: a worker is killed between the start and the database', () => {
  for (const at of ['after-spawn', 'before-mark-running'] as const)
    test(`the next worker adopts what was started (${at})`, async () => {
      const system = await faultSystem()
      const doomed = await system.startWorker({ fault: { at, signal: SIGKILL } })
      const { machineId } = await system.launch()
      expect(await doomed.ended).toBe(SIGKILL)
      const [started] = system.processes()
      expect(started?.machineId).toBe(machineId)
      await system.startWorker()
      await system.has(machineId, 'running')
      await system.expectHealthy()
      expect(system.processes().map(({ pid }) => pid)).toEqual([started?.pid])
    })
})

describe('fault 3: a worker is killed after the database, before its job ends', () => {
  test('the job that comes again finds the machine running and changes nothing', async () => {
    const system = await faultSystem()
    const doomed = await system.startWorker({ fault: { at: 'after-mark-running', signal: SIGKILL } })
    const { machineId, attempt } = await system.launch()
    expect(await doomed.ended).toBe(SIGKILL)
    const before = system.machine(machineId)
    expect(before.status).toBe('running')
    await system.startWorker()
    // A later launch is through only once the worker takes jobs again.
    const later = await system.launch()
    await system.has(later.machineId, 'running')
    await system.queue.add({ job: 'launch', machineId, attempt })
    await system.expectHealthy()
    expect(system.machine(machineId)).toEqual(before)
    expect(system.starts(machineId)).toBe(1)
  })
})

describe('fault 4: workers are killed again and again on one machine', () => {
  test('after three it still runs, as one process', async () => {
    const system = await faultSystem()
    const points = ['before-start', 'after-spawn', 'before-mark-running'] as const
    const { machineId } = await system.launch()
    for (const at of points) {
      const doomed = await system.startWorker({ fault: { at, signal: SIGKILL } })
      expect(await doomed.ended).toBe(SIGKILL)
    }
    await system.startWorker()
    await system.has(machineId, 'running')
    await system.expectHealthy()
    expect(system.starts(machineId)).toBe(1)
  })

  test('after too many it fails with a reason, leaves nothing, and an administrator can retry it', async () => {
    const system = await faultSystem()
    const { machineId } = await system.launch()
    for (let crash = 1; crash <= 5; crash++) {
      const doomed = await system.startWorker({ fault: { at: 'after-spawn', signal: SIGKILL } })
      await Promise.race([doomed.ended, system.has(machineId, 'failed')])
      doomed.signal(SIGKILL)
      // Once spawned it is adopted, and nothing is spawned again: take it away.
      for (const { pid } of system.processes()) process.kill(pid, SIGKILL)
    }
    await system.startWorker()
    await system.has(machineId, 'failed')
    await system.expectHealthy()
    expect(system.details(machineId).error?.class).toBe('worker_lost')
    const retried = retryLaunch(system.db, machineId, SOMEBODY, Date.now)
    await system.queue.add({ job: 'launch', ...retried })
    await system.has(machineId, 'running')
    await system.expectHealthy()
    expect(system.machine(machineId).attempt).toBe(2)
  })
})

describe('fault 6: a worker is suspended until another has taken over', () => {
  for (const thenFails of [false, true])
    test(`what it does on waking changes nothing${thenFails ? ', though it thinks that the start failed' : ''}`, async () => {
      const system = await faultSystem()
      const sleeper = await system.startWorker({
        fault: { at: 'before-mark-running', signal: 'SIGSTOP', thenFails },
      })
      const { machineId } = await system.launch()
      await system.suspended(sleeper)
      await system.startWorker()
      await system.has(machineId, 'running')
      const before = system.machine(machineId)
      const [service] = system.processes()
      sleeper.signal('SIGCONT')
      const later = await system.launch()
      await system.has(later.machineId, 'running')
      sleeper.signal('SIGTERM')
      expect(await sleeper.ended).toBe(0)
      await system.expectHealthy()
      expect(system.machine(machineId)).toEqual(before)
      expect(system.processes().map(({ pid }) => pid)).toContain(service?.pid)
    })

  test('asleep before it clears up after a failure, it ends nothing of the next worker’s on waking', async () => {
    const system = await faultSystem()
    const sleeper = await system.startWorker({ fault: { at: 'in-clean-up', signal: 'SIGSTOP' } })
    const { machineId } = await system.launch()
    await system.suspended(sleeper)
    await system.startWorker()
    await system.has(machineId, 'running')
    const before = system.machine(machineId)
    sleeper.signal('SIGCONT')
    sleeper.signal('SIGTERM')
    expect(await sleeper.ended).toBe(0)
    await system.expectHealthy()
    expect(system.machine(machineId)).toEqual(before)
    expect(system.starts(machineId)).toBe(1)
  })

  test('asleep before the spawn, it spawns nothing on waking', async () => {
    const system = await faultSystem()
    const sleeper = await system.startWorker({ fault: { at: 'before-start', signal: 'SIGSTOP' } })
    const { machineId } = await system.launch()
    await system.suspended(sleeper)
    await system.startWorker()
    await system.has(machineId, 'running')
    sleeper.signal('SIGCONT')
    sleeper.signal('SIGTERM')
    expect(await sleeper.ended).toBe(0)
    await system.expectHealthy()
    expect(system.starts(machineId)).toBe(1)
  })
})

describe('fault 44: a worker is told to end while it launches', () => {
  test('it ends well and gives the launch back, and the next worker goes on with the same process', async () => {
    const system = await faultSystem()
    const gate = `${system.folder}/go`
    const command = comfyui('waits-for', gate)
    const leaving = await system.startWorker({ comfyuiCommand: command })
    const { machineId } = await system.launch()
    const started = await system.startedService(machineId, 'comfyui')
    leaving.signal('SIGTERM')
    expect(await leaving.ended).toBe(0)
    expect(system.machine(machineId)).toMatchObject({ status: 'starting', leaseUntil: 0 })
    await system.startWorker({ comfyuiCommand: command })
    system.touch(gate)
    await system.has(machineId, 'running')
    await system.expectHealthy(['comfyui', 'filebrowser'])
    expect(system.starts(machineId, 'comfyui')).toBe(1)
    expect(system.processes().map(({ pid }) => pid)).toContain(started.pid)
  })
})
