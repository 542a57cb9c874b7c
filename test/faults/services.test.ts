import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { comfyui, faultSystem } from '../support/fault-system'
import { isAlive, killProcess } from '../support/processes'

const both = ['comfyui', 'filebrowser']

describe('fault 18: a machine is stopped while it starts', () => {
  test('it ends stopped, is never running afterwards, and leaves nothing', async () => {
    const system = await faultSystem()
    const gate = `${system.folder}/go`
    await system.startWorker({ comfyuiCommand: comfyui('waits-for', gate) })
    const { machineId } = await system.launch()
    await system.startedService(machineId, 'comfyui')
    await system.stop(machineId)
    system.touch(gate)
    await system.has(machineId, 'stopped')
    await system.expectHealthy()
    expect(system.details(machineId).events.map(({ text }) => text)).not.toContain('Running')
    expect(system.details(machineId).services).toEqual([])
  })

  test('also when the worker that starts it is killed in that moment', async () => {
    const system = await faultSystem()
    const doomed = await system.startWorker({ fault: { at: 'before-mark-running', signal: 'SIGKILL' } })
    const { machineId } = await system.launch()
    await doomed.ended
    await system.stop(machineId)
    await system.startWorker()
    await system.has(machineId, 'stopped')
    await system.expectHealthy()
  })
})

describe('fault 25: a service never answers', () => {
  test('the launch fails after its limit, nothing is left running, and the log is kept', async () => {
    const system = await faultSystem()
    await system.startWorker({ comfyuiCommand: comfyui('never-answers'), startTimeoutMs: 1500 })
    const { machineId } = await system.launch()
    await system.has(machineId, 'failed')
    await system.expectHealthy()
    expect(system.details(machineId).error?.class).toBe('start_timeout')
    expect(system.starts(machineId, 'comfyui')).toBe(1)
    expect(readFileSync(`${system.dataDir}/logs/${machineId}/comfyui.1.0.log`, 'utf8')).toBe(
      'Still loading\n',
    )
  })
})

describe('fault 26: a service dies after the machine was running', () => {
  test('the next sweep says so, and what is left of the machine is ended', async () => {
    const system = await faultSystem()
    await system.startWorker({ comfyuiCommand: comfyui('answers') })
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    const service = await system.startedService(machineId, 'comfyui')
    killProcess(service.pid)
    await system.has(machineId, 'failed')
    await system.expectHealthy(both)
    expect(system.details(machineId).error?.class).toBe('service_gone')
    expect(system.details(machineId).services).toEqual([])
  })

  test('also when a process that it had started lives on', async () => {
    const system = await faultSystem()
    await system.startWorker({ comfyuiCommand: comfyui('leaves-grandchild') })
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    await system.startedGrandchild(machineId)
    const service = await system.startedService(machineId, 'comfyui')
    killProcess(service.pid)
    await system.has(machineId, 'failed')
    await system.expectHealthy(both)
  })
})

describe('fault 28: the control plane is restarted while a machine runs', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    test(`the machine stays as it is, under the same address (${signal})`, async () => {
      const system = await faultSystem()
      const first = await system.startWorker()
      const { machineId } = await system.launch()
      await system.has(machineId, 'running')
      const [before] = system.processes()
      const details = system.details(machineId)
      first.signal(signal)
      await first.ended
      const second = await system.startWorker()
      await system.swept(second)
      await system.expectHealthy()
      expect(system.details(machineId)).toEqual(details)
      expect(system.processes()).toEqual([before])
      const answer = await fetch(details.services[0]?.address ?? '')
      expect(await answer.json()).toMatchObject({ SLIPWAY_MACHINE_ID: machineId })
    })
})

describe('fault 29: a machine dies while the control plane is down', () => {
  test('it is failed as soon as a worker is back', async () => {
    const system = await faultSystem()
    const first = await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    first.signal('SIGTERM')
    await first.ended
    for (const { pid } of system.processes()) killProcess(pid)
    await system.startWorker()
    await system.has(machineId, 'failed')
    await system.expectHealthy()
    expect(system.details(machineId).error?.class).toBe('service_gone')
  })
})

describe('fault 35: something of this installation runs that no machine accounts for', () => {
  test('it is ended, and the machines beside it are left alone', async () => {
    const system = await faultSystem()
    const labels = { SLIPWAY_INSTALLATION: system.installation.id, SLIPWAY_SERVICE: 'comfyui' }
    const orphan = { ...labels, SLIPWAY_MACHINE_ID: 'neverheardofitxx', SLIPWAY_ATTEMPT: '1' }
    const pid = stranger(orphan)
    await system.startWorker()
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    await system.expectHealthy()
    expect(isAlive(pid)).toBe(false)
  })
})

describe('fault 36: another installation runs machines on the same host', () => {
  test('they are never touched', async () => {
    const system = await faultSystem()
    const labels = { SLIPWAY_INSTALLATION: 'another-one', SLIPWAY_SERVICE: 'comfyui' }
    const { machineId } = await system.launch()
    const pid = stranger({ ...labels, SLIPWAY_MACHINE_ID: machineId, SLIPWAY_ATTEMPT: '1' })
    const worker = await system.startWorker()
    await system.has(machineId, 'running')
    await system.stop(machineId)
    await system.has(machineId, 'stopped')
    await system.swept(worker)
    await system.expectHealthy()
    expect(isAlive(pid)).toBe(true)
  })
})

describe('fault 50: a service ignores TERM', () => {
  test('its whole group is killed after the grace, and its port is free', async () => {
    const system = await faultSystem()
    await system.startWorker({ comfyuiCommand: comfyui('ignores-term'), stopGraceMs: 300 })
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    const address = system.details(machineId).services.find(({ name }) => name === 'comfyui')?.address ?? ''
    await system.stop(machineId)
    await system.has(machineId, 'stopped')
    await system.expectHealthy(both)
    await expect(fetch(address)).rejects.toThrow()
  })

  test('so is what it started in a session of its own', async () => {
    const system = await faultSystem()
    await system.startWorker({ comfyuiCommand: comfyui('leaves-grandchild') })
    const { machineId } = await system.launch()
    await system.has(machineId, 'running')
    const grandchild = await system.startedGrandchild(machineId)
    await system.stop(machineId)
    await system.has(machineId, 'stopped')
    expect(isAlive(grandchild.pid)).toBe(false)
    await system.expectHealthy(both)
  })
})

/** A process that this test starts by hand. */
function stranger(labels: Record<string, string>): number {
  const env = { PATH: process.env.PATH, ...labels } as unknown as NodeJS.ProcessEnv
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env })
  const pid = child.pid ?? 0
  onTestFinished(() => killProcess(pid))
  return pid
}
