import { describe, expect, test } from 'vitest'
import { listFailedLaunches } from '~/db/failed-launches'
import { listHung, markHung } from '~/db/hung-launches'
import { type Claim, claimLaunch } from '~/db/machine-claims'
import { addMachineEvent } from '~/db/machine-events'
import { type LaunchRef, launchMachine, stopMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine } from '~/db/machines'
import { machines } from '~/db/schema'
import { untilAbandoned } from '~/worker/abandon'
import type { WorkerDeps } from '~/worker/deps'
import { giveUpHung } from '~/worker/hung-launches'
import { launch } from '~/worker/launch'
import type { Runtime } from '~/worker/runtimes/runtime'
import { sweeper } from '~/worker/sweeper'
import { SOMEBODY } from '../support/actors'
import { NeverRuntime, SlowRuntime } from '../support/runtimes'
import { until } from '../support/until'
import { testDeps } from '../support/worker-deps'

const HUNG_AFTER_MS = 60_000
const never = () => new AbortController().signal

/** Launches whose start has begun, and whose worker renews its leases whenever the clock goes on. */
async function starting<R extends NeverRuntime | SlowRuntime>(runtime: R, count = 1) {
  const system = testDeps(runtime as Runtime)
  const { db, member, deps } = system
  const clock = Object.assign(() => system.clock(), {
    advance(ms: number) {
      system.clock.advance(ms)
      db.update(machines)
        .set({ leaseUntil: system.clock() + 15_000 })
        .run()
    },
  })
  const machine = { userId: member.id, kind: 'comfyui', name: 'One' } as const
  const refs = Array.from({ length: count }, () => launchMachine(db, machine, SOMEBODY, clock))
  const work = Promise.all(refs.map((ref) => launch(deps, ref, never())))
  await until('all start', () => runtime.running.size === count)
  const [{ machineId } = { machineId: '' }] = refs
  const events = () => getMachine(db, member.id, machineId)?.events.map(({ text }) => text) ?? []
  const status = () => findMachine(db, machineId)?.status
  return { ...system, clock, runtime, refs, work, machineId, events, status }
}

const sweeping = (deps: WorkerDeps) => sweeper(deps, never(), () => undefined)

describe('fault 38: a start hangs, and its worker goes on renewing the lease', () => {
  test('it fails once after its time, with a reason on the timeline and in the log, and leaves nothing', async () => {
    const { deps, db, clock, runtime, work, events, status, lines } = await starting(new NeverRuntime())
    const sweep = sweeping(deps)
    clock.advance(HUNG_AFTER_MS - 1)
    await sweep()
    expect(status()).toBe('starting')
    clock.advance(1)
    await Promise.all([sweep(), sweeping(deps)()])
    await work
    expect(status()).toBe('failed')
    expect(listFailedLaunches(db)).toMatchObject([
      { errorClass: 'start_hung', detail: 'Nothing was heard of it for 1 min.' },
    ])
    expect(events().filter((text) => text.startsWith('The launch went quiet'))).toHaveLength(1)
    expect(lines.filter((line) => line.includes('given up'))).toHaveLength(1)
    await sweep()
    await sweep()
    expect(runtime.running.size).toBe(0)
  })

  test('one that says how far it is isn’t given up', async () => {
    const { deps, db, clock, machineId, status } = await starting(new NeverRuntime())
    clock.advance(HUNG_AFTER_MS - 1)
    addMachineEvent(db, machineId, 'Pulling the image: 5 of 9 MiB so far', clock())
    clock.advance(HUNG_AFTER_MS - 1)
    giveUpHung(deps)
    expect(status()).toBe('starting')
    clock.advance(1)
    giveUpHung(deps)
    expect(status()).toBe('failed')
  })

  test('one that no worker holds any more is left to the next worker, however long there was none', async () => {
    const { deps, db, clock, status } = await starting(new NeverRuntime())
    clock.advance(HUNG_AFTER_MS)
    db.update(machines).set({ leaseUntil: 0 }).run()
    giveUpHung(deps)
    expect(status()).toBe('starting')
  })

  test('a pass gives up ten at most, and the next one the rest', async () => {
    const { deps, db, clock, refs } = await starting(new NeverRuntime(), 12)
    clock.advance(HUNG_AFTER_MS)
    const failed = () =>
      refs.filter(({ machineId }) => findMachine(db, machineId)?.status === 'failed').length
    giveUpHung(deps)
    expect(failed()).toBe(10)
    giveUpHung(deps)
    expect(failed()).toBe(12)
  })

  test('one that does not even give up when it is told to is abandoned', async () => {
    const end = new AbortController()
    const waiting = untilAbandoned(new Promise(() => undefined), end.signal, 1)
    end.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
    await expect(untilAbandoned(Promise.resolve('done'), end.signal, 1)).resolves.toBe('done')
  })
})

describe('fault 39: a launch ends while the sweeper looks at it', () => {
  const FAILURE = { errorClass: 'start_hung', message: 'It went quiet.', detail: '' }

  /** One that the sweeper has found to be hung and is about to give up. */
  async function found<R extends NeverRuntime | SlowRuntime>(runtime: R) {
    const system = await starting(runtime)
    const { db, clock } = system
    clock.advance(HUNG_AFTER_MS)
    const quietSince = clock() - HUNG_AFTER_MS
    const [claim] = listHung(db, quietSince, 10, clock)
    return { ...system, giveUp: () => markHung(db, claim as Claim, quietSince, FAILURE, clock) }
  }

  test('one that came to run meanwhile is left alone', async () => {
    const { runtime, work, status, giveUp } = await found(new SlowRuntime())
    runtime.finish()
    await work
    expect(giveUp()).toBe(false)
    expect(status()).toBe('running')
    expect(runtime.stopped).toEqual([])
  })

  test('one that another worker took over meanwhile is left alone', async () => {
    const { db, clock, refs, status, giveUp } = await found(new NeverRuntime())
    const [ref] = refs
    db.update(machines).set({ leaseUntil: 0 }).run()
    expect(claimLaunch(db, ref as LaunchRef, { leaseMs: 15_000, clock })?.claim.fence).toBe(2)
    expect(giveUp()).toBe(false)
    expect(status()).toBe('starting')
  })

  test('one that was heard of meanwhile is left alone', async () => {
    const { db, clock, machineId, status, giveUp } = await found(new NeverRuntime())
    addMachineEvent(db, machineId, 'Pulled the image', clock())
    expect(giveUp()).toBe(false)
    expect(status()).toBe('starting')
  })

  test('one that its owner stops meanwhile ends as stopped', async () => {
    const { db, member, clock, machineId, work, status, giveUp } = await found(new NeverRuntime())
    stopMachine(db, member.id, machineId, SOMEBODY, clock)
    expect(giveUp()).toBe(false)
    await work
    expect(status()).toBe('stopped')
  })
})
