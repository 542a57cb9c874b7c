import { describe, expect, test } from 'vitest'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch } from '~/db/machine-claims'
import { markGone } from '~/db/machine-outcomes'
import { launchMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine } from '~/db/machines'
import type { WorkerDeps } from '~/worker/deps'
import { launch } from '~/worker/launch'
import { LaunchError } from '~/worker/launch-errors'
import { sweeper } from '~/worker/sweeper'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { testDeps } from '../support/worker-deps'

const sweeping = (deps: WorkerDeps, beginStop: (machineId: string) => void = () => undefined) =>
  sweeper(deps, new AbortController().signal, beginStop)

const STRANGER = { machineId: 'neverheardofitxx', attempt: 1, services: ['comfyui' as const] }

async function running() {
  const runtime = new PromptRuntime()
  const system = testDeps(runtime)
  const { db, member, clock, deps } = system
  const ref = launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  await launch(deps, ref, new AbortController().signal)
  return { ...system, ...ref, runtime }
}

describe('a sweep', () => {
  test('adds a job for whatever waits, and none for what somebody holds or what ended', async () => {
    const system = await running()
    const { db, member, clock, deps } = system
    const waiting = launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'Two' }, SOMEBODY, clock)
    await sweeping(deps)()
    expect(system.added).toEqual([{ job: 'launch', ...waiting }])
  })

  test('stops asking Redis when it is away', async () => {
    const { db, member, clock, deps } = testDeps(new PromptRuntime())
    for (const name of ['One', 'Two', 'Three'])
      launchMachine(db, { userId: member.id, kind: 'comfyui', name }, SOMEBODY, clock)
    let asked = 0
    const add = async () => {
      asked++
      return false
    }
    await sweeping({ ...deps, queue: { ...deps.queue, add } })()
    expect(asked).toBe(1)
  })

  test('ends a stranger only when it is seen twice', async () => {
    const { runtime, deps } = await running()
    const sweep = sweeping(deps)
    runtime.running.set(STRANGER.machineId, STRANGER)
    await sweep()
    expect(runtime.stopped).toEqual([])
    await sweep()
    expect(runtime.stopped).toEqual([STRANGER.machineId])
  })

  test('goes on to the others when one cannot be ended', async () => {
    const { db, runtime, deps, machineId } = await running()
    const sweep = sweeping(deps)
    runtime.running.set(STRANGER.machineId, STRANGER)
    runtime.stop = async () => {
      throw new LaunchError('runtime_unavailable', 'It does not go away.')
    }
    await sweep()
    const stop = PromptRuntime.prototype.stop.bind(runtime)
    runtime.stop = async (id) => {
      if (id === STRANGER.machineId) throw new LaunchError('runtime_unavailable', 'It does not go away.')
      await stop(id)
    }
    runtime.running.delete(machineId)
    await sweep()
    expect(findMachine(db, machineId)?.status).toBe('failed')
  })

  test('ends what a failed attempt left, but no longer once the next attempt has begun', async () => {
    const { runtime, deps, db, machineId } = await running()
    const ref = { machineId, attempt: 1 }
    markGone(db, ref, { errorClass: 'service_gone', message: '', detail: '' }, deps.clock)
    const asked: boolean[] = []
    const stop = async (_id: string, mayEnd = () => true) => {
      asked.push(mayEnd())
      const next = retryLaunch(db, machineId, SOMEBODY, deps.clock)
      claimLaunch(db, next, { leaseMs: 60_000, clock: deps.clock })
      asked.push(mayEnd())
    }
    const sweep = sweeping({ ...deps, runtime: Object.assign(runtime, { stop }) })
    await sweep()
    await sweep()
    expect(asked).toEqual([true, false])
    await sweep()
    expect(asked).toHaveLength(2)
  })

  test('ends what is left of a machine before it may be started again', async () => {
    const { runtime, deps, db, machineId } = await running()
    runtime.running.set(machineId, { machineId, attempt: 1, services: [] })
    let statusAtStop: string | undefined
    const stop = async (id: string) => {
      statusAtStop = findMachine(db, id)?.status
    }
    await sweeping({ ...deps, runtime: Object.assign(runtime, { stop }) })()
    expect(statusAtStop).toBe('running')
    expect(findMachine(db, machineId)?.status).toBe('failed')
  })

  test('leaves a machine alone when what runs cannot be told', async () => {
    const { runtime, deps, db, machineId } = await running()
    const list = () => Promise.reject(new Error('too many open files'))
    await expect(sweeping({ ...deps, runtime: Object.assign(runtime, { list }) })()).rejects.toThrow()
    expect(findMachine(db, machineId)?.status).toBe('running')
  })
})

describe('fault 37: two sweeps at once', () => {
  test('mark a machine that died as failed once', async () => {
    const { runtime, deps, db, machineId, member } = await running()
    runtime.running.clear()
    await Promise.all([sweeping(deps)(), sweeping(deps)()])
    expect(findMachine(db, machineId)?.status).toBe('failed')
    const events = getMachine(db, member.id, machineId)?.events.map(({ text }) => text) ?? []
    expect(events.filter((text) => text.startsWith('The machine stopped by itself'))).toHaveLength(1)
  })
})
