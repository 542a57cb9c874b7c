import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { findDiskUsage } from '~/db/disk-usage'
import { markActive } from '~/db/machine-activity'
import { endSessions, extendMachine } from '~/db/machine-ends'
import { markRunning } from '~/db/machine-outcomes'
import { relaunchMachine } from '~/db/machine-relaunch'
import { deleteMachine, launchMachine, stopMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine, listMachines } from '~/db/machines'
import { cloudSaves, machines } from '~/db/schema'
import { changeUserLimits } from '~/db/user-limits'
import type { MachineLimits } from '~/machine-settings'
import type { MachineKind } from '~/providers/registry'
import { launch } from '~/worker/launch'
import { measureDisk } from '~/worker/measure-disk'
import type { Runtime } from '~/worker/runtimes/runtime'
import { stop } from '~/worker/stop'
import { removals, upkeep } from '~/worker/upkeep'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { testDeps } from '../support/worker-deps'
import { startUpstream } from '../web/upstream'

const MINUTE = 60_000
const never = new AbortController().signal

/** A worker without its loops: `pass` is one look at what is due. */
function worker(machineLimits: MachineLimits = {}, runtime: Runtime & PromptRuntime = new PromptRuntime()) {
  const system = testDeps(runtime)
  const deps = { ...system.deps, machineLimits }
  const { db, member, clock } = system
  const run = async (kind: MachineKind = 'comfyui') => {
    const ref = launchMachine(db, { userId: member.id, kind, name: 'One' }, SOMEBODY, clock)
    await launch(deps, ref, never)
    return ref.machineId
  }
  const machine = (id: string) => findMachine(db, id)
  const timeline = (id: string) => getMachine(db, member.id, id)?.events.map(({ text }) => text) ?? []
  const look = upkeep(deps, never)
  const remove = removals(deps, never)
  const pass = async (afterMs = 0) => {
    clock.advance(afterMs)
    await look()
    await remove()
  }
  return { ...system, deps, runtime, run, machine, timeline, pass }
}

describe('a session', () => {
  const hour = { sessionMs: 60 * MINUTE }

  test('is announced 10 minutes before its end and then stopped as by its user, saying why', async () => {
    const { db, run, machine, timeline, pass, added } = worker(hour)
    const id = await run()
    await pass(49 * MINUTE)
    expect(timeline(id).at(-1)).toBe('Running')
    await pass(MINUTE)
    await pass()
    expect(timeline(id).slice(-2)).toEqual([
      'Running',
      'The session ends in 10 minutes, unless it is extended',
    ])
    await pass(10 * MINUTE - 1)
    expect(machine(id)?.status).toBe('running')
    await pass(1)
    expect(machine(id)?.status).toBe('stopping')
    expect(timeline(id).at(-1)).toBe('Stopping: its session is over')
    expect(added).toEqual([{ job: 'stop', machineId: id, attempt: 1 }])
    const [entry] = listAuditEntries(db, { action: 'machine_stopped' }, { limit: 1 })
    expect(entry).toMatchObject({ actorKind: 'worker', detail: 'Because its session is over' })
  })

  test('that is extended lasts another length from then on, and is announced again', async () => {
    const { db, member, clock, run, machine, timeline, pass } = worker(hour)
    const id = await run()
    await pass(55 * MINUTE)
    const given = { userId: member.id, id, limits: hour }
    expect(extendMachine(db, given, SOMEBODY, clock)).toBe(clock() + 60 * MINUTE)
    await pass(49 * MINUTE)
    expect(timeline(id).at(-1)).toBe('Extended: it may run for an hour from now')
    await pass(MINUTE)
    expect(timeline(id).at(-1)).toMatch(/^The session ends/)
    expect(machine(id)?.status).toBe('running')
  })

  test('whose own length is less than everybody’s is extended by its own', async () => {
    const { db, member, clock, run, timeline } = worker(hour)
    const id = await run()
    db.update(machines)
      .set({ sessionMs: 30 * MINUTE })
      .where(eq(machines.id, id))
      .run()
    const given = { userId: member.id, id, limits: hour }
    expect(extendMachine(db, given, SOMEBODY, clock)).toBe(clock() + 30 * MINUTE)
    expect(timeline(id).at(-1)).toBe('Extended: it may run for 30 minutes from now')
    const { launch } = relaunchMachine(db, member.id, id, SOMEBODY, clock)
    expect(findMachine(db, launch.machineId)?.sessionMs).toBe(30 * MINUTE)
  })

  test('whose end passed while no worker was there is announced before it is stopped', async () => {
    const { db, clock, run, machine, pass } = worker(hour)
    const id = await run()
    clock.advance(600 * MINUTE)
    expect(endSessions(db, 50, clock)).toEqual([])
    await pass()
    await pass(10 * MINUTE - 1)
    expect(machine(id)?.status).toBe('running')
    await pass(1)
    expect(machine(id)?.status).toBe('stopping')
  })

  test('is as long as an administrator allows its owner', async () => {
    const { db, member, clock, run, machine } = worker(hour)
    const own = { machines: null, sessionMs: 90 * MINUTE, diskBytes: null }
    changeUserLimits(db, member.id, own, SOMEBODY, clock)
    expect(machine(await run())?.endsAt).toBe(clock() + 90 * MINUTE)
  })

  test('without a length has no end, and nothing to extend', async () => {
    const { db, member, clock, run, machine, pass } = worker()
    const id = await run()
    await pass(100_000 * MINUTE)
    expect(machine(id)?.status).toBe('running')
    const given = { userId: member.id, id, limits: {} }
    expect(() => extendMachine(db, given, SOMEBODY, clock)).toThrow('no fixed length')
    stopMachine(db, member.id, id, SOMEBODY, clock)
    expect(() => extendMachine(db, given, SOMEBODY, clock)).toThrow('Only a running machine')
  })
})

/** A machine whose services answer as the test says. */
class AnsweringRuntime extends PromptRuntime {
  constructor(private readonly addresses: { comfyui: string; filebrowser: string }) {
    super()
  }

  override async start(...given: Parameters<PromptRuntime['start']>) {
    const [files] = await super.start(...given)
    return [
      { ...files, name: 'filebrowser', address: this.addresses.filebrowser },
      { name: 'comfyui', address: this.addresses.comfyui },
    ] as never
  }
}

async function idleSystem() {
  const said = {
    queue: { queue_running: [] as unknown[], queue_pending: [] as unknown[] },
    downloads: [] as { finishedAt: string | null; state?: string }[],
    status: 200,
  }
  const upstream = await startUpstream((request, response) => {
    const answer = request.url === '/queue' ? said.queue : said.downloads
    response.writeHead(said.status).end(JSON.stringify(answer))
  })
  const { address } = upstream
  const runtime = new AnsweringRuntime({ comfyui: address, filebrowser: address })
  const system = worker({ idleMs: 30 * MINUTE }, runtime)
  /** Minute by minute, as a worker looks. */
  const minutes = async (count: number) => {
    for (let n = 0; n < count; n++) await system.pass(MINUTE)
  }
  return { ...system, said, upstream, minutes }
}

const WARNED = 'Nobody uses it: it is stopped in 5 minutes'

describe('a machine that nobody uses', () => {
  test('is announced 5 minutes before it is stopped, and the timeline says why', async () => {
    const { run, machine, timeline, minutes, added, upstream } = await idleSystem()
    const id = await run()
    await minutes(24)
    expect(timeline(id).at(-1)).toBe('Running')
    await minutes(1)
    expect(timeline(id).at(-1)).toBe(WARNED)
    await minutes(4)
    expect(machine(id)?.status).toBe('running')
    await minutes(1)
    expect(machine(id)?.status).toBe('stopping')
    expect(timeline(id).at(-1)).toBe('Stopping: nobody used it for 30 minutes')
    expect(added).toEqual([{ job: 'stop', machineId: id, attempt: 1 }])
    const asked = upstream.requests.map(({ url }) => url?.split('?')[0])
    expect(new Set(asked)).toEqual(new Set(['/queue', '/api/downloads']))
  })

  test('and is used after the announcement stays', async () => {
    const { db, clock, run, machine, timeline, minutes } = await idleSystem()
    const id = await run()
    await minutes(28)
    expect(timeline(id).at(-1)).toBe(WARNED)
    markActive(db, id, clock)
    expect(timeline(id).at(-1)).toBe('In use again: it isn’t stopped for being idle')
    await minutes(24)
    expect(machine(id)).toMatchObject({ status: 'running', idleWarnedAt: null })
  })

  test.each([
    ['a prompt runs', { queue: { queue_running: [['one']], queue_pending: [] } }],
    ['a prompt waits', { queue: { queue_running: [], queue_pending: [['one']] } }],
    ['a file is downloaded', { downloads: [{ finishedAt: '2026-01-01' }, { finishedAt: null }] }],
    ['a download is queued', { downloads: [{ finishedAt: null, state: 'queued' }] }],
    ['a download waits to begin again', { downloads: [{ finishedAt: null, state: 'waiting' }] }],
    ['it can’t be told what it does', { status: 500 }],
  ])('stays as long as %s, and its time begins after that', async (_what, doing) => {
    const { run, machine, minutes, said } = await idleSystem()
    const id = await run()
    const nothing = { ...said }
    Object.assign(said, doing)
    await minutes(100)
    expect(machine(id)).toMatchObject({ status: 'running', idleWarnedAt: null })
    Object.assign(said, nothing)
    if (!('status' in doing)) {
      await minutes(29)
      expect(machine(id)?.status).toBe('running')
    }
    await minutes(6)
    expect(machine(id)?.status).toBe('stopping')
  })

  test('is stopped while its only download is paused: that goes on when somebody is there', async () => {
    const { run, machine, minutes, said } = await idleSystem()
    said.downloads.push({ finishedAt: null, state: 'paused' })
    const id = await run()
    await minutes(30)
    expect(machine(id)?.status).toBe('stopping')
  })

  test('stays when it doesn’t answer at all', async () => {
    const { run, machine, minutes, upstream } = await idleSystem()
    const id = await run()
    await upstream.close()
    await minutes(100)
    expect(machine(id)?.status).toBe('running')
  })

  test('stays when it is a trainer, whose work can’t be seen from outside', async () => {
    const { db, run, machine, minutes } = await idleSystem()
    const id = await run()
    db.update(machines).set({ kind: 'trainer' }).run()
    await minutes(100)
    expect(machine(id)?.status).toBe('running')
  })

  test('is left alone without a limit', async () => {
    const { run, machine, pass } = worker()
    const id = await run()
    await pass(100_000 * MINUTE)
    expect(machine(id)?.status).toBe('running')
  })
})

describe('a deleted machine', () => {
  test('is out of sight at once, and gone once it has ended, with its row and its files', async () => {
    const { db, member, clock, run, machine, pass, deps, runtime } = worker()
    const id = await run()
    const workspaceId = machine(id)?.workspaceId
    const removed: unknown[] = []
    runtime.remove = async (kept) => void removed.push(kept)
    deleteMachine(db, member.id, id, SOMEBODY, clock)
    expect(getMachine(db, member.id, id)).toBeUndefined()
    expect(listMachines(db, member.id)).toEqual([])
    expect(() => relaunchMachine(db, member.id, id, SOMEBODY, clock)).toThrow('no such machine')
    await pass()
    expect(removed).toEqual([])
    await stop(deps, id, never)
    await pass()
    expect(removed).toEqual([{ machineId: id, workspaceId }])
    expect(machine(id)).toBeUndefined()
  })

  test('leaves its workspace to the machine that took it over', async () => {
    const { db, member, clock, run, pass, deps, runtime } = worker()
    const id = await run()
    const successor = relaunchMachine(db, member.id, id, SOMEBODY, clock).launch.machineId
    await stop(deps, id, never)
    const removed: { workspaceId: string | undefined }[] = []
    runtime.remove = async (kept) => void removed.push(kept)
    deleteMachine(db, member.id, id, SOMEBODY, clock)
    await pass()
    expect(removed).toEqual([{ machineId: id, workspaceId: undefined }])
    deleteMachine(db, member.id, successor, SOMEBODY, clock)
    await pass()
    expect(removed[1]).toMatchObject({ machineId: successor, workspaceId: expect.any(String) })
  })

  test('takes the workspace with it when all machines of it are deleted together', async () => {
    const { db, member, clock, run, pass, deps, runtime, machine } = worker()
    const id = await run()
    const workspaceId = machine(id)?.workspaceId
    const successor = relaunchMachine(db, member.id, id, SOMEBODY, clock).launch.machineId
    await stop(deps, id, never)
    const removed: unknown[] = []
    runtime.remove = async (kept) => void removed.push(kept.workspaceId)
    for (const each of [id, successor]) deleteMachine(db, member.id, each, SOMEBODY, clock)
    await pass()
    expect(removed).toContain(workspaceId)
    expect(db.select().from(machines).all()).toEqual([])
  })

  test('waits for the cloud save that is made of it', async () => {
    const { db, member, clock, run, pass, deps, machine } = worker()
    const id = await run()
    const row = machine(id)
    const save = { id: 's', userId: member.id, name: 'S', kind: 'comfyui', machineName: 'One' } as const
    const of = { machineId: id, workspaceId: row?.workspaceId ?? '', createdAt: clock() }
    db.insert(cloudSaves)
      .values({ ...save, ...of, status: 'saving' })
      .run()
    deleteMachine(db, member.id, id, SOMEBODY, clock)
    await stop(deps, id, never)
    await pass()
    expect(machine(id)).toBeDefined()
    db.update(cloudSaves).set({ status: 'saved' }).run()
    await pass()
    expect(machine(id)).toBeUndefined()
  })

  test('whose files can’t be removed is tried again, and doesn’t keep others', async () => {
    const { db, member, clock, run, pass, deps, runtime, machine, lines } = worker()
    const [first, second] = [await run(), await run()]
    for (const id of [first, second]) {
      deleteMachine(db, member.id, id, SOMEBODY, clock)
      await stop(deps, id, never)
    }
    runtime.remove = async ({ machineId }) => {
      if (machineId === first) throw new Error('EACCES')
    }
    await pass()
    expect([machine(first)?.id, machine(second)]).toEqual([first, undefined])
    expect(lines.join()).toContain('could not be removed')
    runtime.remove = async () => undefined
    await pass(10 * MINUTE)
    expect(machine(first)).toBeUndefined()
  })
})

describe('what a user’s files take', () => {
  const write = (path: string[], bytes: number) => {
    mkdirSync(join(...path, '..'), { recursive: true })
    writeFileSync(join(...path), Buffer.alloc(bytes, 1))
  }

  test('is measured for workspaces, models and saves apart, and again once something may have changed', async () => {
    const { db, member, admin, clock, run, machine, deps, dataDir } = worker()
    const id = await run()
    const workspace = machine(id)?.workspaceId ?? ''
    write([dataDir, 'workspaces', workspace, 'deep', 'one'], 100_000)
    write([dataDir, 'workspaces', 'of-somebody-else', 'one'], 100_000)
    write([dataDir, 'models', member.id, 'one'], 200_000)
    write([dataDir, 'saves', member.id, 'one'], 300_000)
    for (const _ of [member, admin]) await measureDisk(deps, never)
    const first = findDiskUsage(db, member.id)
    for (const [of, bytes] of [
      ['workspaces', 100_000],
      ['models', 200_000],
      ['saves', 300_000],
    ] as const) {
      expect(first?.[of]).toBeGreaterThanOrEqual(bytes)
      expect(first?.[of]).toBeLessThan(bytes + 20_000)
    }
    expect(findDiskUsage(db, admin.id)).toMatchObject({ workspaces: 0, models: 0, saves: 0 })

    write([dataDir, 'models', member.id, 'two'], 500_000)
    await measureDisk(deps, never)
    expect(findDiskUsage(db, member.id)).toEqual(first)
    clock.advance(deps.timings.measureEveryMs)
    await measureDisk(deps, never)
    expect(findDiskUsage(db, member.id)?.models).toBeGreaterThanOrEqual(700_000)
  })

  test('is measured again after a change however late the next look comes', async () => {
    const { db, member, admin, clock, run, deps, dataDir } = worker()
    const id = await run()
    stopMachine(db, member.id, id, SOMEBODY, clock)
    await stop(deps, id, never)
    clock.advance(1)
    for (const _ of [member, admin]) await measureDisk(deps, never)
    clock.advance(1)
    const row = { id: 's', userId: member.id, name: 'S', kind: 'comfyui', machineName: 'One' } as const
    const given = { machineId: id, workspaceId: 'w', status: 'saved', createdAt: clock() } as const
    const changes = [
      () => db.update(machines).set({ updatedAt: clock() }).run(),
      () =>
        db
          .insert(cloudSaves)
          .values({ ...row, ...given, endedAt: clock() })
          .run(),
    ]
    for (const [n, change] of changes.entries()) {
      change()
      write([dataDir, 'models', member.id, String(n)], 500_000)
      clock.advance(3 * deps.timings.measureEveryMs)
      for (const _ of [member, admin]) await measureDisk(deps, never)
      expect(findDiskUsage(db, member.id)?.models).toBeGreaterThanOrEqual((n + 1) * 500_000)
    }
  })

  test('is measured with what lies deeper than a path can name', async () => {
    const { db, member, admin, deps, dataDir } = worker()
    write([dataDir, 'models', member.id, 'one'], 100_000)
    const cwd = join(dataDir, 'models', member.id)
    onTestFinished(() => void execFileSync('rm', ['-rf', join(cwd, 'd'.repeat(200))]))
    const dig = `const fs = require('fs'), name = 'd'.repeat(200)
      for (let depth = 0; depth < 30; depth++) { fs.mkdirSync(name); process.chdir(name) }
      fs.writeFileSync('hidden', Buffer.alloc(900_000, 1))`
    execFileSync(process.execPath, ['-e', dig], { cwd })
    for (const _ of [member, admin]) await measureDisk(deps, never)
    expect(findDiskUsage(db, member.id)?.models).toBeGreaterThanOrEqual(1_000_000)
  })

  test('is measured with what lies in folders that nobody may enter', async () => {
    const { db, member, admin, deps, dataDir } = worker()
    const shut = join(dataDir, 'models', member.id, 'shut')
    write([shut, 'too', 'hidden'], 900_000)
    for (const path of [join(shut, 'too'), shut]) chmodSync(path, 0)
    if (process.getuid?.() === 0) {
      // Root may enter everything.
      const nobody = 65_534
      for (const path of [dataDir, join(dataDir, '..')]) chmodSync(path, 0o711)
      for (const path of [shut, join(shut, 'too')]) chownSync(path, nobody, nobody)
      process.seteuid?.(nobody)
      onTestFinished(() => process.seteuid?.(0))
      expect(process.geteuid?.()).toBe(nobody)
    }
    for (const _ of [member, admin]) await measureDisk(deps, never)
    expect(findDiskUsage(db, member.id)?.models).toBeGreaterThanOrEqual(900_000)
  })

  test('is not measured again for somebody of whom nothing runs', async () => {
    const { db, member, admin, clock, deps, dataDir } = worker()
    for (const _ of [member, admin]) await measureDisk(deps, never)
    write([dataDir, 'models', member.id, 'one'], 500_000)
    clock.advance(10 * deps.timings.measureEveryMs)
    for (const _ of [member, admin]) await measureDisk(deps, never)
    expect(findDiskUsage(db, member.id)?.models).toBe(0)
  })
})

test('markRunning forgets warnings of an earlier attempt', async () => {
  const { db, run, machine } = worker({ sessionMs: 60 * MINUTE })
  const id = await run()
  db.update(machines).set({ status: 'starting', warnedAt: 1, idleWarnedAt: 1 }).run()
  const row = machine(id)
  const claim = { machineId: id, attempt: row?.attempt ?? 0, fence: row?.fence ?? 0 }
  expect(markRunning(db, claim, [], Date.now, { sessionMs: 1000 })).toBe(true)
  expect(machine(id)).toMatchObject({ warnedAt: null, idleWarnedAt: null })
})
