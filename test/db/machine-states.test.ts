import { describe, expect, test } from 'vitest'
import { type Claim, claimLaunch, claimStop, releaseLease, renewLease } from '~/db/machine-claims'
import { markFailed, markGone, markRunning, markStopped, markWaiting } from '~/db/machine-outcomes'
import { relaunchMachine } from '~/db/machine-relaunch'
import { type LaunchRef, launchMachine, stopMachine } from '~/db/machine-requests'
import { findMachine, moveMachine } from '~/db/machine-states'
import { recordTokens } from '~/db/machine-tokens'
import { listDue } from '~/db/machine-upkeep'
import { getMachine, listMachines } from '~/db/machines'
import { immediately } from '~/db/open'
import { MACHINE_STATUSES, type MachineStatus, machines } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

const FAILURE = { errorClass: 'internal', message: 'It failed.', detail: 'why' }

function oneMachine() {
  const system = testInstallation()
  const { db, member, clock } = system
  const lease = { leaseMs: 1000, clock }
  const ref: LaunchRef = launchMachine(
    db,
    { userId: member.id, kind: 'comfyui', name: 'One' },
    SOMEBODY,
    clock,
  )
  const claim = (): Claim => {
    const claimed = claimLaunch(db, ref, lease)
    if (!claimed) throw new Error('Nothing to claim.')
    return claimed.claim
  }
  const machine = () => {
    const found = findMachine(db, ref.machineId)
    if (!found) throw new Error('It is gone.')
    return found
  }
  return { ...system, ref, lease, claim, machine }
}

const ALLOWED = new Set([
  'queued starting',
  'queued stopped',
  'queued failed',
  'starting starting',
  'starting running',
  'starting queued',
  'starting failed',
  'starting stopping',
  'running stopping',
  'running failed',
  'stopping stopped',
  'failed queued',
])

describe('a machine’s status', () => {
  const moves = MACHINE_STATUSES.flatMap((from) => MACHINE_STATUSES.map((to) => [from, to] as const))
  test.each(moves)('moves from %s to %s only if that is a move', (from, to) => {
    const { db, ref, clock } = oneMachine()
    db.update(machines)
      .set({ status: from, errorClass: from === 'failed' ? 'start_hung' : null })
      .run()
    const now = clock()
    const move = () =>
      immediately(db, (tx) =>
        moveMachine(tx, ref.machineId, {
          ...{ from: [from], to, errorClass: 'internal', guard: undefined, event: 'Moved', now },
        }),
      )
    const errorClass = to === 'failed' ? 'internal' : null
    if (ALLOWED.has(`${from} ${to}`)) expect(move()).toMatchObject({ status: to, errorClass })
    else expect(move).toThrow(`never goes from ${from} to ${to}`)
  })

  test('does not move when the guard no longer holds, and nothing is said on the timeline', () => {
    const { db, ref, claim, member, machine, clock } = oneMachine()
    const old = claim()
    clock.advance(1001)
    claim()
    const before = getMachine(db, member.id, ref.machineId)
    const row = machine()
    expect(markRunning(db, old, [], clock)).toBe(false)
    expect(markFailed(db, old, FAILURE, clock)).toBe(false)
    expect(markWaiting(db, old, FAILURE, 0, clock)).toBe(false)
    expect(markStopped(db, old, clock)).toBe(false)
    expect(recordTokens(db, old, [], clock)).toBeUndefined()
    expect(renewLease(db, old, { leaseMs: 9999, clock })).toBeUndefined()
    releaseLease(db, old)
    expect(machine()).toEqual(row)
    expect(getMachine(db, member.id, ref.machineId)).toEqual(before)
  })
})

describe('a claim', () => {
  test('keeps others away until its lease runs out, and renewing keeps them away longer', () => {
    const { db, ref, lease, claim, clock } = oneMachine()
    const mine = claim()
    clock.advance(900)
    expect(claimLaunch(db, ref, lease)).toBeUndefined()
    expect(renewLease(db, mine, lease)).toBe('starting')
    clock.advance(900)
    expect(claimLaunch(db, ref, lease)).toBeUndefined()
    clock.advance(100)
    expect(claimLaunch(db, ref, lease)?.claim.fence).toBe(mine.fence + 1)
  })

  test('that is given back can be taken at once', () => {
    const { db, ref, lease, claim } = oneMachine()
    releaseLease(db, claim())
    expect(claimLaunch(db, ref, lease)).toBeDefined()
  })

  test('hears of a stop at its next renewal, and nobody else may stop what it holds', () => {
    const { db, ref, lease, claim, member, machine, clock } = oneMachine()
    const mine = claim()
    stopMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    expect(claimStop(db, ref.machineId, lease)).toBeUndefined()
    expect(renewLease(db, mine, lease)).toBe('stopping')
    expect(markRunning(db, mine, [], clock)).toBe(false)
    expect(markStopped(db, mine, clock)).toBe(true)
    expect(machine()).toMatchObject({ status: 'stopped', leaseUntil: 0 })
  })

  test('of a machine to stop passes on when its worker is gone', () => {
    const { db, ref, lease, claim, member, clock } = oneMachine()
    claim()
    stopMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    clock.advance(1000)
    expect(listDue(db, clock(), 10)).toEqual([{ ...ref, job: 'stop' }])
    const taken = claimStop(db, ref.machineId, lease)
    expect(taken && markStopped(db, taken, clock)).toBe(true)
  })
})

describe('a stop', () => {
  test('of a queued machine is the end of it: no worker can claim it any more', () => {
    const { db, ref, lease, member, machine, clock } = oneMachine()
    stopMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    expect(machine().status).toBe('stopped')
    expect(claimLaunch(db, ref, lease)).toBeUndefined()
    expect(listDue(db, clock(), 10)).toEqual([])
  })

  test('of somebody else’s machine is not found', () => {
    const { db, ref, admin, machine, clock } = oneMachine()
    expect(() => stopMachine(db, admin.id, ref.machineId, SOMEBODY, clock)).toThrow(
      'There is no such machine.',
    )
    expect(() => relaunchMachine(db, admin.id, ref.machineId, SOMEBODY, clock)).toThrow(
      'There is no such machine.',
    )
    expect(machine().status).toBe('queued')
  })

  test.each(['stopped', 'failed'] as MachineStatus[])('of one that is %s changes nothing', (status) => {
    const { db, ref, claim, member, machine, clock } = oneMachine()
    if (status === 'failed') markFailed(db, claim(), FAILURE, clock)
    else stopMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    const before = machine()
    expect(before.status).toBe(status)
    clock.advance(1000)
    stopMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    expect(machine()).toEqual(before)
  })
})

describe('a relaunch', () => {
  test('of a running machine stops it and queues one successor, however often it is asked for', () => {
    const { db, ref, claim, member, machine, clock } = oneMachine()
    markRunning(db, claim(), [], clock)
    const first = relaunchMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    const again = relaunchMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    expect(first.stop).toEqual(ref)
    expect(again.launch).toEqual(first.launch)
    expect(listMachines(db, member.id)).toHaveLength(2)
    expect(machine().status).toBe('stopping')
  })

  test('of a failed machine queues a successor that can start at once', () => {
    const { db, ref, lease, claim, member, clock } = oneMachine()
    markFailed(db, claim(), FAILURE, clock)
    const { stop, launch } = relaunchMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    expect(stop).toBeUndefined()
    expect(claimLaunch(db, launch, lease)).toBeDefined()
  })

  test('after the successor was stopped makes another', () => {
    const { db, ref, claim, member, clock } = oneMachine()
    markRunning(db, claim(), [], clock)
    const first = relaunchMachine(db, member.id, ref.machineId, SOMEBODY, clock).launch
    stopMachine(db, member.id, first.machineId, SOMEBODY, clock)
    const second = relaunchMachine(db, member.id, ref.machineId, SOMEBODY, clock).launch
    expect(second.machineId).not.toBe(first.machineId)
    expect(findMachine(db, second.machineId)?.status).toBe('queued')
  })
})

test('a machine that died is failed under its attempt only, and only while it counts as running', () => {
  const { db, ref, claim, machine, clock } = oneMachine()
  const mine = claim()
  expect(markGone(db, ref, FAILURE, clock)).toBe(false)
  markRunning(db, mine, [], clock)
  expect(markGone(db, { ...ref, attempt: 2 }, FAILURE, clock)).toBe(false)
  expect(markGone(db, ref, FAILURE, clock)).toBe(true)
  expect(markGone(db, ref, FAILURE, clock)).toBe(false)
  expect(machine().status).toBe('failed')
})
