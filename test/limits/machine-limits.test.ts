import { describe, expect, test } from 'vitest'
import { claimDiskMeasure, recordDiskUsage } from '~/db/disk-usage'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch } from '~/db/machine-claims'
import { markFailed, markGone, markRunning } from '~/db/machine-outcomes'
import { listNext, waitingLine } from '~/db/machine-queue'
import { relaunchMachine } from '~/db/machine-relaunch'
import { type LaunchRef, launchMachine, stopMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { listDue } from '~/db/machine-upkeep'
import { listMachines } from '~/db/machines'
import type { AppError } from '~/errors'
import type { MachineLimits } from '~/machine-settings'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'
import { race } from '../support/race'

const FAILURE = { errorClass: 'internal', message: 'It failed.', detail: '' }
const GIB = 1024 ** 3

function limited(limits: MachineLimits) {
  const system = testInstallation()
  const { db, member, clock } = system
  const lease = { leaseMs: 1000, inAll: limits.inAll, clock }
  const launch = (name = 'One', userId = member.id) =>
    launchMachine(db, { userId, kind: 'comfyui', name }, SOMEBODY, clock, limits)
  const claim = (ref: LaunchRef) => claimLaunch(db, ref, lease)?.claim
  const mustClaim = (ref: LaunchRef) => {
    const found = claim(ref)
    if (!found) throw new Error('Nothing to claim.')
    return found
  }
  const run = (ref: LaunchRef) => expect(markRunning(db, mustClaim(ref), [], clock)).toBe(true)
  const fail = (ref: LaunchRef) => expect(markFailed(db, mustClaim(ref), FAILURE, clock)).toBe(true)
  const relaunch = ({ machineId }: LaunchRef) =>
    relaunchMachine(db, member.id, machineId, SOMEBODY, clock, { limits }).launch
  const stop = ({ machineId }: LaunchRef) => stopMachine(db, member.id, machineId, SOMEBODY, clock)
  return { ...system, limits, launch, claim, run, fail, relaunch, stop }
}

const refusalOf = (act: () => unknown): AppError => {
  try {
    act()
  } catch (error) {
    return error as AppError
  }
  throw new Error('It was not refused.')
}

describe('fault 27: one machine more than a user may have', () => {
  test('is refused with which ones run, what to do and when to come back, and leaves nothing', () => {
    const { db, member, clock, launch } = limited({ perUser: 2 })
    launch('Studio')
    clock.advance(1)
    launch('Sketches')
    const { code, message, retryAfterSeconds } = refusalOf(() => launch('Third'))
    expect([code, retryAfterSeconds]).toEqual(['limit_reached', 60])
    expect(message).toBe(
      'You have 2 of 2 machines running or on the way: Studio, Sketches. Stop one of them, then launch again.',
    )
    expect(listMachines(db, member.id)).toHaveLength(2)
  })

  test('can be launched after the others failed: failed and stopped ones don’t count', () => {
    const { launch, fail, stop, run } = limited({ perUser: 2 })
    const [first, second] = [launch(), launch()]
    refusalOf(() => launch())
    fail(first)
    run(second)
    stop(second)
    const again = [launch(), launch()]
    refusalOf(() => launch())
    for (const ref of again) stop(ref)
    launch()
    launch()
  })

  test('of another user is none of this one’s', () => {
    const { launch, admin } = limited({ perUser: 1 })
    launch()
    launch('Hers', admin.id)
  })

  test('launched by four processes at the same moment: exactly as many are there as may be', async () => {
    const system = testInstallation()
    const outcomes = await race<LaunchRef[]>(system.dataDir, 'launch-five', system.admin.id, '3')
    expect(outcomes.flatMap(({ result }) => result ?? [])).toHaveLength(3)
    expect(listMachines(system.db, system.admin.id)).toHaveLength(3)
  })

  test('a relaunch of one that runs counts as none, of one that has ended as one', () => {
    const { launch, run, stop, relaunch } = limited({ perUser: 1 })
    const first = launch()
    run(first)
    const second = relaunch(first)
    expect(relaunch(first)).toEqual(second)
    stop(second)
    const third = launch()
    expect(refusalOf(() => relaunch(second)).code).toBe('limit_reached')
    stop(third)
    relaunch(second)
  })

  test('is not made by an administrator’s retry either', () => {
    const { db, launch, fail, limits, clock } = limited({ perUser: 1 })
    const first = launch()
    fail(first)
    launch('Second')
    const retry = () => retryLaunch(db, first.machineId, SOMEBODY, clock, { limits })
    expect(refusalOf(retry).message).toBe(
      'Its owner has 1 of 1 machine running or on the way: Second. One of them has to stop first.',
    )
    expect(findMachine(db, first.machineId)).toMatchObject({ status: 'failed', attempt: 1 })
  })
})

describe('a full installation', () => {
  test('lets nobody start until one has ended, and then the one that waits longest', () => {
    const { db, launch, claim, run, clock } = limited({ inAll: 1 })
    const [first, second, third] = [launch(), launch(), launch()]
    run(first)
    expect([claim(second), claim(third)]).toEqual([undefined, undefined])
    expect(waitingLine(db, 1)).toEqual({ running: 1, inAll: 1, ids: [second.machineId, third.machineId] })
    expect(markGone(db, first, FAILURE, clock)).toBe(true)
    expect(listNext(db, 1, clock())).toEqual([second])
    expect(claim(third)).toBeUndefined()
    expect(claim(second)).toBeDefined()
    expect(claim(third)).toBeUndefined()
  })

  test('never starts more than it may, in whichever order they are asked for', () => {
    const { launch, claim } = limited({ inAll: 2 })
    const [first, second, third] = [launch(), launch(), launch()]
    const started = [third, second, first, third].map((ref) => claim(ref) !== undefined)
    expect(started).toEqual([false, true, true, false])
  })

  test('lets another worker go on with what was starting', () => {
    const { launch, claim, clock } = limited({ inAll: 1 })
    const first = launch()
    expect(claim(first)).toBeDefined()
    clock.advance(1000)
    expect(claim(first)?.fence).toBe(2)
  })

  test('sends no worker after those that wait, however many, and still after those that are to stop', () => {
    const { db, launch, run, stop, clock } = limited({ inAll: 1 })
    const first = launch()
    run(first)
    for (let n = 0; n < 5; n++) launch()
    stop(first)
    expect(listDue(db, clock(), 2, 1)).toEqual([{ ...first, job: 'stop' }])
  })

  test('gives the place of a machine to the one that it is relaunched as, before those that wait', () => {
    const { db, launch, run, relaunch, claim, clock } = limited({ inAll: 1 })
    const first = launch()
    clock.advance(1)
    const waiting = launch()
    run(first)
    const successor = relaunch(first)
    expect(waitingLine(db, 1)?.ids).toEqual([successor.machineId, waiting.machineId])
    expect(claim(waiting)).toBeUndefined()
    db.$client.prepare("update machines set status = 'stopped' where id = ?").run(first.machineId)
    expect(claim(waiting)).toBeUndefined()
    expect(claim(successor)).toBeDefined()
  })

  test('does not wait for one that pauses after a failure, or for its workspace', () => {
    const { db, launch, claim, clock } = limited({ inAll: 1 })
    const [pausing, next] = [launch(), launch()]
    db.$client.prepare('update machines set not_before = ? where id = ?').run(clock() + 1, pausing.machineId)
    expect(claim(next)).toBeDefined()
  })
})

describe('more on disk than a user may have', () => {
  test('keeps new machines away and says what takes how much, while old ones can be launched to clean up', () => {
    const { db, member, launch, run, stop, relaunch, clock } = limited({ diskPerUser: 10 * GIB })
    const first = launch()
    run(first)
    stop(first)
    const users = [1, 2].map(() => claimDiskMeasure(db, { everyMs: 1000, clock })?.userId)
    expect(users).toContain(member.id)
    const usage = { workspaces: 6 * GIB, models: 4 * GIB, saves: 0, results: 0 }
    recordDiskUsage(db, member.id, usage, clock)
    launch()
    recordDiskUsage(db, member.id, { ...usage, saves: GIB }, clock)
    const { code, message } = refusalOf(() => launch())
    expect(code).toBe('limit_reached')
    expect(message).toContain(
      'Your files take 11.0 GiB of 10.0 GiB: workspaces 6.0 GiB, models 4.0 GiB, cloud saves 1.0 GiB, results 0.0 GiB.',
    )
    relaunch(first)
  })
})
