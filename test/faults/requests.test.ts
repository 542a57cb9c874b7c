import { describe, expect, test } from 'vitest'
import { listFailedLaunches } from '~/db/failed-launches'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch, claimStop } from '~/db/machine-claims'
import { markFailed, markRunning, markStopped } from '~/db/machine-outcomes'
import { relaunchMachine } from '~/db/machine-relaunch'
import { type LaunchRef, launchMachine, stopMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine, listMachines } from '~/db/machines'
import { createTerminalLink } from '~/db/sign-in-links'
import { SOMEBODY } from '../support/actors'
import { type TestInstallation, testInstallation } from '../support/installation'
import { race } from '../support/race'

const lease = (clock: () => number) => ({ leaseMs: 1000, clock })
const queued = ({ db, admin, clock }: TestInstallation) =>
  launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)

function claimed(system: TestInstallation, ref: LaunchRef) {
  const found = claimLaunch(system.db, ref, lease(system.clock))
  if (!found) throw new Error('Nothing to claim.')
  return found.claim
}

function failed(system: TestInstallation): LaunchRef {
  const ref = queued(system)
  const failure = { errorClass: 'internal', message: 'It failed.', detail: '' }
  expect(markFailed(system.db, claimed(system, ref), failure, system.clock)).toBe(true)
  return ref
}

function running(system: TestInstallation): LaunchRef {
  const ref = queued(system)
  expect(markRunning(system.db, claimed(system, ref), [], system.clock)).toBe(true)
  return ref
}

describe('fault 17: the same thing is asked for several times at once', () => {
  test('four launches at once under one idempotency key make one machine and the same answer', async () => {
    const system = testInstallation()
    const outcomes = await race<LaunchRef>(system.dataDir, 'launch', system.admin.id, 'one-click')
    expect(new Set(outcomes.map(({ result }) => result?.machineId)).size).toBe(1)
    expect(listMachines(system.db, system.admin.id)).toHaveLength(1)
  })

  test('another user’s idempotency key is not mine', () => {
    const { db, admin, member, clock } = testInstallation()
    const launchAs = (userId: string) =>
      launchMachine(
        db,
        { userId, kind: 'comfyui', name: 'One', idempotencyKey: 'one-click' },
        SOMEBODY,
        clock,
      )
    expect(launchAs(admin.id).machineId).not.toBe(launchAs(member.id).machineId)
  })

  test('four relaunches at once make one successor and the same answer', async () => {
    const system = testInstallation()
    const { machineId } = running(system)
    const outcomes = await race<LaunchRef>(system.dataDir, 'relaunch', system.admin.id, machineId)
    expect(new Set(outcomes.map(({ result }) => result?.machineId)).size).toBe(1)
    expect(outcomes[0]?.result?.machineId).not.toBe(machineId)
    expect(listMachines(system.db, system.admin.id)).toHaveLength(2)
  })

  test('of four workers that claim one machine, one gets it', async () => {
    const system = testInstallation()
    const { machineId } = queued(system)
    const outcomes = await race(system.dataDir, 'claim', machineId)
    expect(outcomes.map(({ refused }) => refused)).toEqual([undefined, undefined, undefined, undefined])
    expect(outcomes.filter(({ result }) => result)).toHaveLength(1)
    expect(findMachine(system.db, machineId)).toMatchObject({ status: 'starting', fence: 1, tries: 1 })
  })

  test('of four people with one sign-in link, one signs in', async () => {
    const system = testInstallation()
    const link = createTerminalLink(system.db, Date.now)
    const outcomes = await race(system.dataDir, 'redeem', link)
    expect(outcomes.filter(({ result }) => result)).toHaveLength(1)
    expect(outcomes.filter(({ refused }) => refused?.code === 'gone')).toHaveLength(3)
  })
})

describe('fault 19: a machine is asked for while it is stopping', () => {
  test('its successor waits until the workspace is free', () => {
    const system = testInstallation()
    const { db, admin, clock } = system
    const { machineId } = running(system)
    stopMachine(db, admin.id, machineId, SOMEBODY, clock)
    const { launch } = relaunchMachine(db, admin.id, machineId, SOMEBODY, clock)
    expect(findMachine(db, launch.machineId)?.workspaceId).toBe(findMachine(db, machineId)?.workspaceId)
    expect(claimLaunch(db, launch, lease(clock))).toBeUndefined()
    const stop = claimStop(db, machineId, lease(clock))
    expect(stop && markStopped(db, stop, clock)).toBe(true)
    expect(claimLaunch(db, launch, lease(clock))).toBeDefined()
  })

  test('relaunching the successor replaces it, and does not answer with the one that is ending', () => {
    const system = testInstallation()
    const { db, admin, clock } = system
    const first = running(system)
    const second = relaunchMachine(db, admin.id, first.machineId, SOMEBODY, clock).launch
    const third = relaunchMachine(db, admin.id, second.machineId, SOMEBODY, clock).launch
    expect([first.machineId, second.machineId]).not.toContain(third.machineId)
    expect(findMachine(db, second.machineId)?.status).toBe('stopped')
    expect(findMachine(db, third.machineId)?.status).toBe('queued')
  })
})

describe('fault 21: an administrator retries a failed launch twice at once', () => {
  test('one new attempt is made, and the others are told why not', async () => {
    const system = testInstallation()
    const { machineId } = failed(system)
    const outcomes = await race<LaunchRef>(system.dataDir, 'retry', machineId)
    expect(outcomes.filter(({ result }) => result)).toEqual([{ result: { machineId, attempt: 2 } }])
    expect(outcomes.filter(({ refused }) => refused?.code === 'conflict')).toHaveLength(3)
    expect(findMachine(system.db, machineId)).toMatchObject({ status: 'queued', attempt: 2, tries: 0 })
  })
})

describe('fault 22: something is retried that did not fail', () => {
  const states = {
    queued,
    starting: (system: TestInstallation) => {
      const ref = queued(system)
      claimed(system, ref)
      return ref
    },
    running,
    stopping: (system: TestInstallation) => {
      const ref = running(system)
      return stopMachine(system.db, system.admin.id, ref.machineId, SOMEBODY, system.clock)
    },
    stopped: (system: TestInstallation) => {
      const ref = queued(system)
      return stopMachine(system.db, system.admin.id, ref.machineId, SOMEBODY, system.clock)
    },
  }
  for (const [status, make] of Object.entries(states))
    test(`a machine that is ${status} is refused and stays as it is`, () => {
      const system = testInstallation()
      const { db, admin, clock } = system
      const { machineId } = make(system)
      const before = getMachine(db, admin.id, machineId)
      expect(before?.status).toBe(status)
      expect(() => retryLaunch(db, machineId, SOMEBODY, clock)).toThrow(`this machine is ${status}`)
      expect(getMachine(db, admin.id, machineId)).toEqual(before)
    })

  test('so is one that its owner has relaunched', () => {
    const system = testInstallation()
    const { db, admin, clock } = system
    const { machineId } = failed(system)
    expect(listFailedLaunches(db).map((launch) => launch.machineId)).toEqual([machineId])
    relaunchMachine(db, admin.id, machineId, SOMEBODY, clock)
    expect(listFailedLaunches(db)).toEqual([])
    expect(() => retryLaunch(db, machineId, SOMEBODY, clock)).toThrow('relaunched this machine already')
    expect(findMachine(db, machineId)).toMatchObject({ status: 'failed', attempt: 1 })
  })

  test('and one that does not exist is not found', () => {
    const { db, clock } = testInstallation()
    expect(() => retryLaunch(db, 'nosuchmachine', SOMEBODY, clock)).toThrow('There is no such machine.')
  })
})
