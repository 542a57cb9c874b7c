import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { createCloudSave } from '~/db/cloud-saves'
import { claimDiskMeasure, recordDiskUsage } from '~/db/disk-usage'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch } from '~/db/machine-claims'
import { extendMachine } from '~/db/machine-ends'
import { markFailed, markRunning } from '~/db/machine-outcomes'
import { relaunchMachine } from '~/db/machine-relaunch'
import { type LaunchRef, launchMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { createModelRequest } from '~/db/model-requests'
import { auditEntries, machines, userLimits, users } from '~/db/schema'
import { changeUserLimits, getUserLimits, limitsOf, type UserLimits } from '~/db/user-limits'
import type { MachineLimits } from '~/machine-settings'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

const GIB = 1024 ** 3
const HOUR = 3_600_000
const NONE: UserLimits = { machines: null, sessionMs: null, diskBytes: null }
const NOBODYS = /^You may not launch machines: an administrator has set your limit to 0\. Ask one/

function limited(limits: MachineLimits) {
  const system = testInstallation()
  const { db, member, clock } = system
  const launch = (userId = member.id) =>
    launchMachine(db, { userId, kind: 'comfyui', name: 'One' }, SOMEBODY, clock, limits)
  const claim = (ref: LaunchRef) => {
    const claimed = claimLaunch(db, ref, { leaseMs: 1000, clock })
    if (!claimed) throw new Error('Nothing to claim.')
    return claimed.claim
  }
  const allow = (own: Partial<UserLimits>, by = SOMEBODY) =>
    changeUserLimits(db, member.id, { ...NONE, ...own }, by, clock)
  const measure = (bytes: number) => {
    db.update(users).set({ createdAt: 0 }).run()
    while (true) {
      const due = claimDiskMeasure(db, { everyMs: 1, clock })
      if (!due) return
      recordDiskUsage(db, due.userId, { workspaces: bytes, models: 0, saves: 0, results: 0 }, clock)
    }
  }
  return { ...system, limits, launch, claim, allow, measure }
}

describe('a user’s own limits stand in for everybody’s', () => {
  test('of machines, higher or lower, and nobody else’s change', () => {
    const { launch, allow, admin } = limited({ perUser: 2 })
    allow({ machines: 3 })
    for (const _ of [1, 2, 3]) launch()
    expect(() => launch()).toThrow('You have 3 of 3 machines')
    allow({ machines: 1 })
    expect(() => launch()).toThrow('You have 3 of 1 machine ')
    launch(admin.id)
    launch(admin.id)
    expect(() => launch(admin.id)).toThrow('You have 2 of 2 machines')
  })

  test('where everybody has none, too; what isn’t set stays everybody’s, and can be given back', () => {
    const { db, member, allow } = limited({})
    const everybodys = { perUser: 5, inAll: 9, sessionMs: HOUR, idleMs: 1, diskPerUser: GIB }
    expect(limitsOf(db, member.id, everybodys)).toEqual(everybodys)
    allow({ sessionMs: 2 * HOUR })
    expect(limitsOf(db, member.id, everybodys)).toEqual({ ...everybodys, sessionMs: 2 * HOUR })
    expect(limitsOf(db, member.id, {}).sessionMs).toBe(2 * HOUR)
    allow({})
    expect(limitsOf(db, member.id, everybodys)).toEqual(everybodys)
  })

  test('of disk: launches, saves and calls of models go by it', () => {
    const { db, member, clock, limits, launch, claim, allow, measure } = limited({ diskPerUser: 10 * GIB })
    const ref = launch()
    markRunning(db, claim(ref), [], clock)
    measure(6 * GIB)
    const save = () =>
      createCloudSave(db, { userId: member.id, machineId: ref.machineId }, SOMEBODY, clock, limits)
    const call = () =>
      createModelRequest(
        db,
        { userId: member.id, modelId: 'mo/one', version: 1, inputs: {}, given: {} },
        { queuedMax: 9, limits, clock },
      )
    allow({ diskBytes: 5 * GIB })
    for (const ask of [launch, save, call]) expect(() => ask()).toThrow('Your files take 6.0 GiB of 5.0 GiB')
    allow({ diskBytes: 7 * GIB })
    launch()
    save()
  })

  test('of the session: a machine that runs keeps its end until it is extended, by the new length', () => {
    const { db, member, clock, limits, launch, claim, allow } = limited({ sessionMs: HOUR })
    const ref = launch()
    markRunning(db, claim(ref), [], clock, { sessionMs: limits.sessionMs })
    const endsAt = findMachine(db, ref.machineId)?.endsAt
    allow({ sessionMs: 3 * HOUR })
    expect(findMachine(db, ref.machineId)?.endsAt).toBe(endsAt)
    const given = { userId: member.id, id: ref.machineId, limits }
    expect(extendMachine(db, given, SOMEBODY, clock)).toBe(clock() + 3 * HOUR)
    db.update(machines)
      .set({ sessionMs: HOUR / 2 })
      .where(eq(machines.id, ref.machineId))
      .run()
    expect(extendMachine(db, given, SOMEBODY, clock)).toBe(clock() + HOUR / 2)
  })
})

describe('whose limit is no machine at all', () => {
  test('is told so at a launch, at a call of a model, and at a relaunch of what runs, which goes on', () => {
    const { db, member, clock, limits, launch, claim, allow } = limited({ perUser: 2 })
    const ref = launch()
    markRunning(db, claim(ref), [], clock)
    allow({ machines: 0 })
    expect(() => launch()).toThrow(NOBODYS)
    expect(() => relaunchMachine(db, member.id, ref.machineId, SOMEBODY, clock, { limits })).toThrow(NOBODYS)
    const call = { userId: member.id, modelId: 'mo/one', version: 1, inputs: {}, given: {} }
    expect(() => createModelRequest(db, call, { queuedMax: 9, limits, clock })).toThrow(NOBODYS)
    expect(findMachine(db, ref.machineId)?.status).toBe('running')
  })

  test('is not launched for by an administrator’s retry', () => {
    const { db, clock, limits, launch, claim, allow } = limited({})
    const ref = launch()
    markFailed(db, claim(ref), { errorClass: 'internal', message: 'It failed.', detail: '' }, clock)
    allow({ machines: 0 })
    expect(() => retryLaunch(db, ref.machineId, SOMEBODY, clock, { limits })).toThrow('their limit is 0')
    expect(findMachine(db, ref.machineId)?.status).toBe('failed')
  })
})

it('a change is written down with what was before; one that changes nothing isn’t', () => {
  const { db, member, allow } = limited({})
  allow({ machines: 3, sessionMs: 1.5 * HOUR, diskBytes: 20 * GIB })
  allow({ machines: 3, sessionMs: 1.5 * HOUR, diskBytes: 20 * GIB })
  expect(getUserLimits(db, member.id)).toEqual({ machines: 3, sessionMs: 1.5 * HOUR, diskBytes: 20 * GIB })
  const written = db.select().from(auditEntries).where(eq(auditEntries.action, 'user_limits_changed')).all()
  expect(written).toMatchObject([
    {
      subjectId: member.id,
      detail: 'Now machines at once: 3, session: 1.5 hours, disk: 20 GiB. Before: as everybody.',
    },
  ])
})

it('limits of nobody are refused, and a user’s go with the user', () => {
  const { db, member, clock, allow } = limited({})
  expect(() => changeUserLimits(db, 'nobody', NONE, SOMEBODY, clock)).toThrow('no such user')
  allow({ machines: 1 })
  db.delete(users).where(eq(users.id, member.id)).run()
  expect(db.select().from(userLimits).all()).toEqual([])
})
