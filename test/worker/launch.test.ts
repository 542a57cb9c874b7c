import Database from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { listFailedLaunches } from '~/db/failed-launches'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch } from '~/db/machine-claims'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine } from '~/db/machines'
import { saveProviderToken } from '~/db/provider-tokens'
import { settleRestored } from '~/db/restored'
import { providerTokens } from '~/db/schema'
import { launch, TryAgain } from '~/worker/launch'
import type { LaunchPlan } from '~/worker/runtimes/runtime'
import { SOMEBODY } from '../support/actors'
import { FailingRuntime, NeverRuntime, PromptRuntime, SlowRuntime } from '../support/runtimes'
import { until } from '../support/until'
import { walCommits } from '../support/wal-commits'
import { testDeps } from '../support/worker-deps'

const never = () => new AbortController().signal
const TOKEN = 'hf_CANARYlaunch0123456789'

function queued(system: ReturnType<typeof testDeps>) {
  const { db, member, clock } = system
  return launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
}

describe('a launch', () => {
  test('that goes well costs four durable transactions', async () => {
    const runtime = new (class extends PromptRuntime {
      override async start(plan: LaunchPlan, signal: AbortSignal) {
        expect(plan.stillMine()).toBe(true)
        plan.report('It answers')
        return super.start(plan, signal)
      }
    })()
    const system = testDeps(runtime)
    const { db, member, deps } = system
    saveProviderToken(deps, member.id, 'huggingface', TOKEN, SOMEBODY)
    const before = walCommits(db)
    const ref = queued(system)
    // Queue, claim, tokens, running.
    await launch(deps, ref, never())
    expect(walCommits(db) - before).toBe(4)
    const { events } = getMachine(db, member.id, ref.machineId) ?? {}
    expect(events?.slice(-2).map(({ text }) => text)).toEqual(['It answers', 'Running'])
    expect(runtime.plans[0]?.isFirstTry).toBe(true)
  })

  test('of a machine that a backup knows as queued is no first try', async () => {
    const runtime = new PromptRuntime()
    const system = testDeps(runtime)
    const { db, clock, deps } = system
    const { machineId } = queued(system)
    settleRestored(db, { takenAt: '2026-01-01T00:00:00.000Z', isSameInstallation: true }, clock)
    await launch(deps, retryLaunch(db, machineId, SOMEBODY, clock), never())
    expect(runtime.plans.map(({ isFirstTry }) => isFirstTry)).toEqual([false])
  })

  test('hands the saved token to the runtime and keeps only its first characters', async () => {
    const runtime = new PromptRuntime()
    const system = testDeps(runtime)
    const { db, member, deps } = system
    saveProviderToken(deps, member.id, 'huggingface', TOKEN, SOMEBODY)
    const ref = queued(system)
    await launch(deps, ref, never())
    const env = runtime.plans[0]?.snapshot[0]?.env
    expect(env).toMatchObject({ HUGGINGFACE_TOKENS: TOKEN, HF_TOKEN: TOKEN, HUGGING_FACE_HUB_TOKEN: TOKEN })
    const machine = getMachine(db, member.id, ref.machineId)
    expect(machine).toMatchObject({ status: 'running', tokens: [{ visible: 'hf_CAN', outdated: false }] })
    expect(JSON.stringify(machine)).not.toContain(TOKEN)
    expect(listAuditEntries(db, { action: 'provider_token_opened' }, { limit: 9 })).toMatchObject([
      {
        actorKind: 'worker',
        subjectId: member.id,
        target: 'Hugging Face',
        detail: `For attempt 1 of One (${ref.machineId})`,
      },
    ])
    expect(system.lines.join('')).not.toContain(TOKEN)
  })

  test('fault 53: fails with its own reason when a saved token cannot be opened, writes it down, and starts nothing', async () => {
    const runtime = new PromptRuntime()
    const system = testDeps(runtime)
    const { db, member, deps } = system
    saveProviderToken(deps, member.id, 'huggingface', TOKEN, SOMEBODY)
    db.update(providerTokens)
      .set({ sealed: 'v1.damaged.AAAA' })
      .where(eq(providerTokens.userId, member.id))
      .run()
    const ref = queued(system)
    await expect(launch(deps, ref, never())).rejects.toThrow('token_unreadable')
    expect(getMachine(db, member.id, ref.machineId)?.error?.class).toBe('token_unreadable')
    expect(runtime.plans).toEqual([])
    const entries = listAuditEntries(db, { action: 'provider_token_unreadable' }, { limit: 9 })
    expect(entries).toMatchObject([{ actorKind: 'worker', subjectId: member.id }])
  })

  test('is not used up by workers that were shut down in the middle of it', async () => {
    const system = testDeps(new NeverRuntime())
    const ref = queued(system)
    for (let worker = 0; worker < 8; worker++) {
      const shutdown = new AbortController()
      const work = launch(system.deps, ref, shutdown.signal)
      shutdown.abort()
      await work
    }
    const given = { status: 'starting', tries: 0, leaseUntil: 0 }
    expect(findMachine(system.db, ref.machineId)).toMatchObject(given)
  })

  test('takes the token out of what is said of a failure', async () => {
    const system = testDeps(new FailingRuntime('start_timeout', 1, `last line: token=${TOKEN}`))
    const { db, member, deps } = system
    saveProviderToken(deps, member.id, 'huggingface', TOKEN, SOMEBODY)
    await expect(launch(deps, queued(system), never())).rejects.toThrow('start_timeout')
    expect(listFailedLaunches(db)[0]?.detail).toBe('last line: token=[secret]')
    expect(system.lines.join('')).not.toContain(TOKEN)
  })

  test('of somebody else’s claim, of an old attempt, or too early does nothing', async () => {
    const runtime = new PromptRuntime()
    const system = testDeps(runtime)
    const { db, deps, clock } = system
    const ref = queued(system)
    await launch(deps, { ...ref, attempt: 2 }, never())
    claimLaunch(db, ref, { leaseMs: 1000, clock })
    const before = findMachine(db, ref.machineId)
    await launch(deps, ref, never())
    expect(findMachine(db, ref.machineId)).toEqual(before)
    expect(runtime.plans).toEqual([])
  })

  test('that waits to be tried again is not claimed before its time', async () => {
    const runtime = new FailingRuntime('runtime_unavailable', 1)
    const system = testDeps(runtime)
    const { db, deps, clock } = system
    const ref = queued(system)
    await expect(launch(deps, ref, never())).rejects.toThrow(TryAgain)
    await launch(deps, ref, never())
    expect(findMachine(db, ref.machineId)?.status).toBe('queued')
    clock.advance(1000)
    await launch(deps, ref, never())
    expect(findMachine(db, ref.machineId)).toMatchObject({ status: 'running', tries: 2 })
    expect(runtime.plans.at(-1)?.isFirstTry).toBe(false)
  })
})

describe('a launch that is cut short', () => {
  test('by a stop ends what it started', async () => {
    const runtime = new NeverRuntime()
    const system = testDeps(runtime)
    const { db, deps, member, clock } = system
    const ref = queued(system)
    const work = launch(deps, ref, never())
    await until('it starts', () => runtime.running.size)
    stopMachine(db, member.id, ref.machineId, SOMEBODY, clock)
    await work
    expect(findMachine(db, ref.machineId)?.status).toBe('stopped')
    expect(runtime.running.size).toBe(0)
  })

  test('by a shutdown gives the machine back and leaves what runs to the next worker', async () => {
    const runtime = new NeverRuntime()
    const system = testDeps(runtime)
    const { db, deps } = system
    const ref = queued(system)
    const shutdown = new AbortController()
    const work = launch(deps, ref, shutdown.signal)
    await until('it starts', () => runtime.running.size)
    shutdown.abort()
    await work
    expect(findMachine(db, ref.machineId)).toMatchObject({ status: 'starting', leaseUntil: 0 })
    expect(runtime.stopped).toEqual([])
  })

  test('by a lost lease touches neither the row nor what runs', async () => {
    const runtime = new SlowRuntime()
    const system = testDeps(runtime)
    const { db, deps, clock } = system
    const ref = queued(system)
    const late = { ...deps, timings: { ...deps.timings, renewEveryMs: 60_000 } }
    const work = launch(late, ref, never())
    await until('it starts', () => runtime.running.size)
    clock.advance(15_001)
    expect(claimLaunch(db, ref, { leaseMs: 60_000, clock })?.claim.fence).toBe(2)
    const before = findMachine(db, ref.machineId)
    runtime.finish()
    await work
    expect(findMachine(db, ref.machineId)).toEqual(before)
    expect(runtime.stopped).toEqual([])
  })

  test('by a locked database leaves what runs to the next try', async () => {
    const system = testDeps(new PromptRuntime())
    const { db, dataDir, clock } = system
    db.$client.pragma('busy_timeout = 10')
    const other = new Database(`${dataDir}/slipway.db`)
    const runtime = new (class extends PromptRuntime {
      override async start(plan: LaunchPlan, signal: AbortSignal) {
        const started = await super.start(plan, signal)
        if (this.plans.length === 1) other.exec('BEGIN IMMEDIATE')
        return started
      }
    })()
    // The lock is gone when the time is next asked for: that is after the refused write.
    const unlocking = () => {
      if (other.inTransaction) other.exec('ROLLBACK')
      return clock()
    }
    // A renewal asks for the time too.
    const timings = { ...system.deps.timings, renewEveryMs: 60_000 }
    const deps = { ...system.deps, runtime, timings, clock: unlocking }
    const ref = queued(system)
    await expect(launch(deps, ref, never())).rejects.toThrow(TryAgain)
    expect(runtime.stopped).toEqual([])
    clock.advance(15_001)
    await launch(deps, ref, never())
    expect(findMachine(db, ref.machineId)?.status).toBe('running')
    other.close()
  })
})
