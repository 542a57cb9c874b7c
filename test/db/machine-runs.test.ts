import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch, claimStop } from '~/db/machine-claims'
import { endSessions, warnOfEnds } from '~/db/machine-ends'
import { markFailed, markGone, markRunning, markStopped, markWaiting } from '~/db/machine-outcomes'
import { relaunchMachine } from '~/db/machine-relaunch'
import { claimRemovals, forgetMachine } from '~/db/machine-removal'
import { deleteMachine, launchMachine, stopEveryMachine, stopMachine } from '~/db/machine-requests'
import { runTimeOf, runTimes } from '~/db/machine-runs'
import { findMachine } from '~/db/machine-states'
import { stopAnyMachine } from '~/db/machine-stops'
import { settleRestored } from '~/db/restored'
import { machineRuns, machines, users } from '~/db/schema'
import { seeded } from '../chaos/random'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

const FAILURE = { errorClass: 'internal', message: 'It failed.', detail: 'why' }
const HOUR_MS = 60 * 60_000
const leaseMs = 1000

function system() {
  const { db, member, clock } = testInstallation()
  const rows = () => db.select().from(machineRuns).all()
  const launch = () => launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  const claimOf = (machineId: string) => {
    const attempt = findMachine(db, machineId)?.attempt ?? 0
    return claimLaunch(db, { machineId, attempt }, { leaseMs, clock })?.claim
  }
  const run = (machineId: string, gpus = 1) => {
    const claim = claimOf(machineId)
    return claim !== undefined && markRunning(db, claim, [], clock, { sessionMs: HOUR_MS, gpus })
  }
  const running = () => {
    const launched = launch()
    run(launched.machineId)
    return launched
  }
  return { db, member, clock, rows, launch, claimOf, run, running }
}
type System = ReturnType<typeof system>

/** Every way in which a machine that runs comes to run no longer. */
const ENDS: Record<string, (system: System, ref: ReturnType<System['launch']>) => unknown> = {
  'its owner stops it': ({ db, member, clock }, { machineId }) =>
    stopMachine(db, member.id, machineId, SOMEBODY, clock),
  'an administrator stops it': ({ db, clock }, { machineId }) =>
    stopAnyMachine(db, machineId, SOMEBODY, clock),
  'it is relaunched': ({ db, member, clock }, { machineId }) =>
    relaunchMachine(db, member.id, machineId, SOMEBODY, clock),
  'it is deleted': ({ db, member, clock }, { machineId }) =>
    deleteMachine(db, member.id, machineId, SOMEBODY, clock),
  'everything is stopped': ({ db, clock }) => stopEveryMachine(db, clock),
  'its session is over': ({ db, clock }) => {
    db.update(machines).set({ endsAt: clock(), warnedAt: 1 }).run()
    endSessions(db, 9, clock)
  },
  'it is gone': ({ db, clock }, ref) => markGone(db, ref, FAILURE, clock),
  'its database is restored': ({ db, clock }) =>
    settleRestored(db, { takenAt: new Date(clock()).toISOString(), isSameInstallation: true }, clock),
}

describe('a run', () => {
  test('begins when its machine runs, with what it was asked for and on how many GPUs', () => {
    const { db, member, clock, rows, launch, run } = system()
    const requestedAt = clock()
    const { machineId } = launch()
    clock.advance(7000)
    run(machineId, 4)
    expect(rows()).toEqual([
      {
        ...{ machineId, attempt: 1, userId: member.id, machineName: 'One', kind: 'comfyui' },
        ...{ size: 'standard', gpus: 4, requestedAt, startedAt: requestedAt + 7000, endedAt: null },
      },
    ])
    clock.advance(HOUR_MS)
    expect(runTimeOf(db, machineId, clock())).toEqual({ ms: HOUR_MS, gpuMs: 4 * HOUR_MS })
  })

  test.each(Object.entries(ENDS))('ends when %s', (_what, end) => {
    const all = system()
    const ref = all.running()
    all.clock.advance(HOUR_MS)
    const endedAt = all.clock()
    end(all, ref)
    expect(all.rows()).toMatchObject([{ machineId: ref.machineId, endedAt }])
    all.clock.advance(HOUR_MS)
    expect(runTimeOf(all.db, ref.machineId, all.clock()).ms).toBe(HOUR_MS)
  })

  test('that a backup holds ends with the backup, however late that is restored', () => {
    const { db, clock, rows, running } = system()
    running()
    clock.advance(HOUR_MS)
    const takenAt = clock()
    clock.advance(30 * 24 * HOUR_MS)
    settleRestored(db, { takenAt: new Date(takenAt).toISOString(), isSameInstallation: false }, clock)
    expect(rows()).toMatchObject([{ endedAt: takenAt }])
  })

  test('is not shorter than nothing when the clock was set back', () => {
    const { db, member, clock, rows, running } = system()
    const { machineId } = running()
    clock.advance(-HOUR_MS)
    expect(runTimeOf(db, machineId, clock())).toEqual({ ms: 0, gpuMs: 0 })
    stopMachine(db, member.id, machineId, SOMEBODY, clock)
    expect(rows().map(({ startedAt, endedAt }) => endedAt === startedAt)).toEqual([true])
  })

  test('outlives its machine, and goes with its user', () => {
    const { db, member, clock, rows, running } = system()
    const { machineId } = running()
    deleteMachine(db, member.id, machineId, SOMEBODY, clock)
    const stop = claimStop(db, machineId, { leaseMs, clock })
    if (stop) markStopped(db, stop, clock)
    expect(claimRemovals(db, { limit: 1, leaseMs, clock })).toHaveLength(1)
    forgetMachine(db, machineId)
    expect(findMachine(db, machineId)).toBeUndefined()
    expect(rows()).toHaveLength(1)
    db.delete(users).where(eq(users.id, member.id)).run()
    expect(rows()).toEqual([])
  })
})

test.each([1, 2])('whatever is done to machines, exactly those that run have a run (%i)', (seed) => {
  const { db, member, clock, rows, launch, claimOf, run } = system()
  const { between, oneOf } = seeded(seed)
  const ids: string[] = []
  const some = () => oneOf(ids)
  const ran = new Map<string, number>()
  const refOf = (machineId: string) => ({ machineId, attempt: findMachine(db, machineId)?.attempt ?? 0 })
  const steps: (() => unknown)[] = [
    () => ids.push(launch().machineId),
    () => run(some()),
    () => run(some()),
    () => {
      const claim = claimOf(some())
      if (claim) markFailed(db, claim, FAILURE, clock)
    },
    () => {
      const claim = claimOf(some())
      if (claim) markWaiting(db, claim, FAILURE, 0, clock)
    },
    () => stopMachine(db, member.id, some(), SOMEBODY, clock),
    () => ids.push(relaunchMachine(db, member.id, some(), SOMEBODY, clock).launch.machineId),
    () => markGone(db, refOf(some()), FAILURE, clock),
    () => retryLaunch(db, some(), SOMEBODY, clock),
    () => {
      const stop = claimStop(db, some(), { leaseMs, clock })
      if (stop) markStopped(db, stop, clock)
    },
    () => {
      warnOfEnds(db, 9, clock)
      endSessions(db, 9, clock)
    },
    () => oneOf([() => undefined, () => stopEveryMachine(db, clock)])(),
  ]
  ids.push(launch().machineId)
  for (let step = 0; step < 250; step++) {
    const before = clock()
    try {
      oneOf(steps)()
    } catch (error) {
      // Retries of what has not failed and the like.
      if ((error as { code?: string }).code !== 'conflict') throw error
    }
    const live = db.select({ id: machines.id }).from(machines).where(eq(machines.status, 'running')).all()
    const open = rows().filter(({ endedAt }) => endedAt === null)
    expect(open.map(({ machineId }) => machineId).sort()).toEqual(live.map(({ id }) => id).sort())
    clock.advance(Math.round(between(0, HOUR_MS / 4)))
    for (const { id } of live) ran.set(id, (ran.get(id) ?? 0) + clock() - before)
  }
  expect(ran.size).toBeGreaterThan(3)
  const counted = runTimes(db, ids, clock())
  const sums = ids.map((id) => [id, counted.get(id)?.ms ?? 0])
  expect(sums).toEqual(ids.map((id) => [id, ran.get(id) ?? 0]))
})
