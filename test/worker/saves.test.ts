import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { eq } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { claimSave, findSave } from '~/db/cloud-save-work'
import { createCloudSave, deleteCloudSave } from '~/db/cloud-saves'
import { findDiskUsage } from '~/db/disk-usage'
import { relaunchMachine } from '~/db/machine-relaunch'
import { deleteMachine, launchMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine } from '~/db/machines'
import { saveProviderToken } from '~/db/provider-tokens'
import { cloudSaves, machines, providerTokens } from '~/db/schema'
import { launch } from '~/worker/launch'
import { measureDisk } from '~/worker/measure-disk'
import type { Workspaces } from '~/worker/runtimes/runtime'
import { workspacesIn } from '~/worker/runtimes/workspaces/workspaces'
import { removeLeftovers } from '~/worker/saves/archives'
import { cloudSaves as passes } from '~/worker/saves/cloud-saves'
import { restoreWorkspace } from '~/worker/saves/restore'
import { save } from '~/worker/saves/save'
import { SOMEBODY } from '../support/actors'
import { PromptRuntime } from '../support/runtimes'
import { until } from '../support/until'
import { testDeps } from '../support/worker-deps'

const never = () => new AbortController().signal
const TOKEN = 'hf_CANARYsaves0123456789'

/** A machine that runs, with one file, on a runtime whose workspaces are real. */
async function savable() {
  const runtime = new PromptRuntime()
  const system = testDeps(runtime)
  const { db, deps, dataDir, clock, admin } = system
  runtime.workspaces = workspacesIn(dataDir)
  const start = async (saveId?: string) => {
    const given = { userId: admin.id, kind: 'comfyui', name: 'Studio', saveId } as const
    const ref = launchMachine(db, given, SOMEBODY, clock)
    await launch(deps, ref, never()).catch(() => undefined)
    const machine = findMachine(db, ref.machineId)
    if (!machine) throw new Error('There is no machine.')
    return { ...machine, folder: join(dataDir, 'workspaces', machine.workspaceId) }
  }
  const machine = await start()
  mkdirSync(machine.folder, { recursive: true })
  writeFileSync(join(machine.folder, 'file'), 'content')
  const request = () =>
    createCloudSave(db, { userId: admin.id, machineId: machine.id, name: 'First' }, SOMEBODY, clock).id
  const row = (id: string) => {
    const found = findSave(db, id)
    if (!found) throw new Error('There is no save.')
    return found
  }
  const files = () =>
    existsSync(deps.saves.folder)
      ? readdirSync(deps.saves.folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
          /\./.test(name),
        )
      : []
  const events = (id: string) => getMachine(db, admin.id, id)?.events.map(({ text }) => text)
  const withWorkspaces = (change: (whole: Workspaces) => Partial<Workspaces>) => ({
    ...deps,
    runtime: Object.assign(Object.create(runtime), {
      workspaces: { ...runtime.workspaces, ...change(runtime.workspaces) },
    }) as PromptRuntime,
  })
  return { ...system, runtime, machine, start, request, row, files, events, withWorkspaces }
}

describe('a save', () => {
  test('is an archive with its size and SHA-256, which only the server can read, and the timeline says so', async () => {
    const { deps, request, row, files, events, machine, admin } = await savable()
    const id = request()
    await save(deps, id, never())
    const saved = row(id)
    const path = join(deps.saves.folder, admin.id, `${id}.1.tar.gz`)
    const archive = readFileSync(path)
    expect(saved).toMatchObject({
      status: 'saved',
      bytes: archive.length,
      sha256: createHash('sha256').update(archive).digest('hex'),
      bytesDone: 7,
      bytesTotal: 7,
      notes: null,
    })
    expect(gunzipSync(archive).includes('content')).toBe(true)
    expect(files()).toEqual([`${admin.id}/${id}.1.tar.gz`])
    const modes = execFileSync('stat', ['-c', '%a', deps.saves.folder, path], { encoding: 'utf8' })
    expect(modes).toBe('700\n600\n')
    expect(events(machine.id)?.slice(-2)).toEqual([
      'Saving the workspace as “First”',
      `Saved the workspace as “First”, ${archive.length} B`,
    ])
  })

  test('holds no token, names the file that did, and says that the token was opened for that', async () => {
    const { deps, db, request, row, machine, admin, files, lines } = await savable()
    saveProviderToken(deps, admin.id, 'huggingface', TOKEN, SOMEBODY)
    writeFileSync(join(machine.folder, 'env.txt'), `HF_TOKEN=${TOKEN}`)
    const id = request()
    await save(deps, id, never())
    expect(row(id)).toMatchObject({
      status: 'saved',
      notes: 'env.txt holds your Hugging Face token and was left out.',
      bytesTotal: 7,
    })
    const archive = gunzipSync(readFileSync(join(deps.saves.folder, files()[0] ?? '')))
    expect(archive.includes('content')).toBe(true)
    expect(archive.includes(TOKEN)).toBe(false)
    expect(JSON.stringify(row(id)) + lines.join('')).not.toContain(TOKEN)
    const [entry] = listAuditEntries(db, { action: 'provider_token_opened' }, { limit: 1 })
    expect(entry?.detail).toBe(`To keep it out of the cloud save First (${id})`)
  })

  test('fails rather than guesses when a saved token can’t be opened', async () => {
    const { deps, db, request, row, admin, files } = await savable()
    saveProviderToken(deps, admin.id, 'civitai', TOKEN, SOMEBODY)
    db.update(providerTokens).set({ sealed: 'v1.damaged.AAAA' }).run()
    const id = request()
    await save(deps, id, never())
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'token_unreadable' })
    expect(files()).toEqual([])
  })

  test('of a machine that never had files fails with that', async () => {
    const { deps, request, row, machine } = await savable()
    rmSync(machine.folder, { recursive: true })
    const id = request()
    await save(deps, id, never())
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'nothing_to_save' })
  })

  test('without enough room is refused before anything is written, and says how much is missing', async () => {
    const { deps, request, row, files } = await savable()
    const id = request()
    await save({ ...deps, saves: { ...deps.saves, reserveBytes: 1e18 } }, id, never())
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'disk_full' })
    expect(row(id).errorMessage).toMatch(/^The server’s disk has \d+ TB too little room for this save\./)
    expect(files()).toEqual([])
  })

  test('ends when others take the room meanwhile, before the reserve is touched', async () => {
    const { deps, request, row, files, withWorkspaces } = await savable()
    let reserveBytes = 0
    const { folder } = deps.saves
    const saves = {
      folder,
      get reserveBytes() {
        return reserveBytes
      },
    }
    const meanwhile = withWorkspaces(() => ({
      save() {
        reserveBytes = 1e18
        return Readable.from(Array(65).fill(Buffer.alloc(1024 ** 2)))
      },
    }))
    const id = request()
    await save({ ...meanwhile, saves }, id, never())
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'disk_full' })
    expect(row(id).errorDetail).toContain('a reserve of 1000000000000000000')
    expect(files()).toEqual([])
  })

  test.skipIf(process.getuid?.() !== 0)(
    'fault 42: the disk that fills up under a save fails it, and leaves no part of it',
    async () => {
      const { deps, request, row, files, machine, withWorkspaces } = await savable()
      const small = deps.saves.folder
      mkdirSync(small)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'slipway-test', small])
      onTestFinished(() => void execFileSync('umount', [small]))
      writeFileSync(
        join(machine.folder, 'large'),
        Buffer.alloc(3e6).map(() => Math.random() * 256),
      )
      const filling = withWorkspaces((whole) => ({
        save(...args) {
          writeFileSync(join(small, 'filler'), Buffer.alloc(2e6))
          return whole.save(...args)
        },
      }))
      const id = request()
      await save(filling, id, never())
      expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'disk_full' })
      expect(files()).toEqual([])
      rmSync(join(small, 'filler'))
      const again = request()
      await save(deps, again, never())
      expect(row(again).status).toBe('saved')
    },
  )

  test('is never made of a machine that was deleted, whose workspace may be going', async () => {
    const { db, request, admin, clock, machine } = await savable()
    deleteMachine(db, admin.id, machine.id, SOMEBODY, clock)
    db.update(machines).set({ status: 'stopped' }).run()
    expect(request).toThrow('There is no such machine.')
    expect(db.select().from(cloudSaves).all()).toEqual([])
  })

  test('that fails in a way that may pass is tried three times, with pauses, and then says why', async () => {
    const { request, row, clock, withWorkspaces } = await savable()
    let calls = 0
    const failing = withWorkspaces(() => ({
      measure: async () => {
        calls++
        throw new Error(`${TOKEN} for administrators`)
      },
    }))
    const id = request()
    for (const status of ['queued', 'queued', 'failed']) {
      await save(failing, id, never())
      expect(row(id).status).toBe(status)
      await save(failing, id, never())
      clock.advance(3000)
    }
    expect([calls, row(id).errorClass]).toEqual([3, 'internal'])
  })

  test('cut off by crashes too often fails with that', async () => {
    const { deps, db, request, row, clock } = await savable()
    const id = request()
    for (let crash = 1; crash <= 3; crash++) {
      expect(claimSave(db, id, { leaseMs: 1000, clock })?.claim.fence).toBe(crash)
      clock.advance(1000)
    }
    await save(deps, id, never())
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'worker_lost' })
  })

  /** Saves that stop in the middle, until the test lets go. */
  const halting = (system: Awaited<ReturnType<typeof savable>>) => {
    let begun = 0
    const gate = new EventTarget()
    const deps = system.withWorkspaces((whole) => ({
      save: (...args) => {
        begun++
        const wait = new Transform({
          transform: (piece, _encoding, done) => done(null, piece),
          flush: (done) => gate.addEventListener('go', () => done()),
        })
        return whole.save(...args).pipe(wait)
      },
    }))
    return {
      deps,
      begun: () => until('it saves', () => begun > 0),
      go: () => gate.dispatchEvent(new Event('go')),
    }
  }

  test('is given back by a worker that shuts down, uncounted, and leaves nothing', async () => {
    const system = await savable()
    const { deps, begun } = halting(system)
    const id = system.request()
    const shutdown = new AbortController()
    const work = save(deps, id, shutdown.signal)
    await begun()
    shutdown.abort()
    await work
    expect(system.row(id)).toMatchObject({ status: 'queued', tries: 0, leaseUntil: 0 })
    expect(system.files()).toEqual([])
    await save(system.deps, id, never())
    expect(system.row(id).status).toBe('saved')
  })

  test('that is deleted while it is made ends, and leaves nothing', async () => {
    const system = await savable()
    const { deps, begun } = halting(system)
    const id = system.request()
    const work = save(deps, id, never())
    await begun()
    deleteCloudSave(system.db, system.admin.id, id, SOMEBODY, system.clock)
    await work
    expect(findSave(system.db, id)).toBeUndefined()
    expect(system.files()).toEqual([])
  })

  test('of a worker that slept until another took over changes nothing of what that one saved', async () => {
    const system = await savable()
    const { deps, begun, go } = halting(system)
    const asleep = { ...deps, timings: { ...deps.timings, renewEveryMs: 60_000 } }
    const id = system.request()
    const work = save(asleep, id, never())
    await begun()
    system.clock.advance(15_001)
    await save(system.deps, id, never())
    const saved = system.row(id)
    expect(saved).toMatchObject({ status: 'saved', fence: 2 })
    go()
    await work
    expect(system.row(id)).toEqual(saved)
    expect(system.files()).toEqual([`${system.admin.id}/${id}.2.tar.gz`])
  })
})

describe('a pass over saves', () => {
  test('begins what no job came for, and removes files that no save needs', async () => {
    const { deps, db, request, row, files, admin, clock } = await savable()
    const folder = join(deps.saves.folder, admin.id)
    mkdirSync(folder, { recursive: true })
    const [gone, deleted] = [request(), 'deleted']
    const { pass, ended } = passes(deps, never())
    for (const name of [`${gone}.7.part`, `${deleted}.1.tar.gz`, `${deleted}.1.part`])
      writeFileSync(join(folder, name), 'x')
    await pass()
    await ended()
    expect(row(gone).status).toBe('saved')
    await pass()
    expect(files()).toEqual([`${admin.id}/${gone}.1.tar.gz`])
    deleteCloudSave(db, admin.id, gone, SOMEBODY, deps.clock)
    clock.advance(10 * 60_000)
    await pass()
    expect(files()).toEqual([])
  })

  test('looks for such files every 10 minutes, not every time, and asks for all saves of a user at once', async () => {
    const { deps, files, admin, clock } = await savable()
    const folder = join(deps.saves.folder, admin.id)
    mkdirSync(folder, { recursive: true })
    const { pass } = passes(deps, never())
    await pass()
    const names = [1, 2, 3].map((fence) => `gone.${fence}.part`)
    for (const name of names) writeFileSync(join(folder, name), 'x')
    clock.advance(10 * 60_000 - 1)
    await pass()
    expect(files()).toHaveLength(3)
    const [asked, told]: string[][] = [[], []]
    const list = (userId: string) => {
      asked?.push(userId)
      return new Map([['gone', { status: 'saving', fence: 3 } as const]])
    }
    await removeLeftovers(deps.saves.folder, list, (userId) => void told?.push(userId))
    expect([asked, told, files()]).toEqual([[admin.id], [admin.id], [`${admin.id}/gone.3.part`]])
    clock.advance(1)
    await pass()
    expect(files()).toEqual([])
  })

  test('what a deleted save took is free as soon as its job came, and counts no more', async () => {
    const { deps, db, request, files, admin, member, clock, machine } = await savable()
    writeFileSync(
      join(machine.folder, 'large'),
      Buffer.alloc(1e6).map(() => Math.random() * 256),
    )
    const id = request()
    const { begin, ended } = passes(deps, never())
    begin(id)
    await ended()
    db.update(machines).set({ status: 'stopped' }).run()
    clock.advance(1)
    for (const _ of [admin, member]) await measureDisk(deps, never())
    expect(findDiskUsage(db, admin.id)?.saves).toBeGreaterThan(1e6)
    deleteCloudSave(db, admin.id, id, SOMEBODY, clock)
    begin(id)
    await ended()
    expect(files()).toEqual([])
    await measureDisk(deps, never())
    // The folder itself may count.
    expect(findDiskUsage(db, admin.id)?.saves).toBeLessThan(20_000)
  })

  test('removes what is left of a restore once its machine no longer waits', async () => {
    const { deps, db, dataDir, start } = await savable()
    const { workspaceId, id } = await start()
    const part = join(dataDir, 'workspaces', `${workspaceId}.dead.part`)
    mkdirSync(part, { recursive: true })
    const { pass } = passes(deps, never())
    db.update(machines).set({ status: 'starting' }).where(eq(machines.id, id)).run()
    await pass()
    expect(existsSync(part)).toBe(true)
    db.update(machines).set({ status: 'stopped' }).where(eq(machines.id, id)).run()
    await pass()
    expect(existsSync(part)).toBe(false)
  })
})

describe('a machine that starts from a save', () => {
  async function saved() {
    const system = await savable()
    const id = system.request()
    await save(system.deps, id, never())
    return { ...system, id, archive: join(system.deps.saves.folder, system.admin.id, `${id}.1.tar.gz`) }
  }

  test('finds the files of then and gets the tokens of today', async () => {
    const { deps, admin, start, id, runtime, events, db } = await saved()
    saveProviderToken(deps, admin.id, 'huggingface', TOKEN, SOMEBODY)
    const machine = await start(id)
    expect(machine.status).toBe('running')
    expect(readFileSync(join(machine.folder, 'file'), 'utf8')).toBe('content')
    expect(runtime.plans.at(-1)?.snapshot[0]?.env).toMatchObject({ HF_TOKEN: TOKEN })
    expect(events(machine.id)).toEqual(
      expect.arrayContaining(['Restoring the save “First”, 7 B', 'Restored the save “First”']),
    )
    const [entry] = listAuditEntries(db, { action: 'machine_launched' }, { limit: 1 })
    expect(entry?.detail).toBe(`From the cloud save First (${id})`)
  })

  test('says every 15 seconds how far it is, also while it checks, and when only the disk is left', async () => {
    const system = await savable()
    const { deps, runtime, admin, machine, request, clock } = system
    writeFileSync(
      join(machine.folder, 'large'),
      Buffer.alloc(2e6).map(() => Math.random() * 256),
    )
    const saveId = request()
    await save(deps, saveId, never())
    const told: string[] = []
    let now = clock()
    // Each look at the clock is 5 seconds later: three pieces of a quarter of a mebibyte.
    const slow = { ...deps, clock: () => (now += 5000) }
    const restored = { saveId, workspaceId: 'restored', userId: admin.id }
    const lease = { signal: never(), stillMine: () => true, end: () => undefined }
    await restoreWorkspace(slow, restored, lease, (text) => void told.push(text))
    expect(await runtime.workspaces.exists('restored')).toBe(true)
    expect(told).toEqual([
      'Checking the save “First”: 39 %',
      'Checking the save “First”: 79 %',
      'Restoring the save “First”, 2.0 MB',
      'Restoring the save “First”: 39 %',
      'Restoring the save “First”: 79 %',
      'Writing the save “First” to the disk',
      'Restored the save “First”',
    ])
  })

  test('keeps its own workspace through a relaunch', async () => {
    const { db, deps, admin, clock, start, id } = await saved()
    const machine = await start(id)
    writeFileSync(join(machine.folder, 'file'), 'newer')
    deleteCloudSave(db, admin.id, id, SOMEBODY, clock)
    db.update(machines).set({ status: 'stopped' }).where(eq(machines.id, machine.id)).run()
    const { launch: ref } = relaunchMachine(db, admin.id, machine.id, SOMEBODY, clock)
    await launch(deps, ref, never())
    expect(findMachine(db, ref.machineId)?.status).toBe('running')
    expect(readFileSync(join(machine.folder, 'file'), 'utf8')).toBe('newer')
  })

  test('whose restore failed restores in its relaunch', async () => {
    const { db, deps, admin, clock, start, id, archive } = await saved()
    const whole = readFileSync(archive)
    writeFileSync(archive, 'x')
    const machine = await start(id)
    expect(machine.status).toBe('failed')
    writeFileSync(archive, whole)
    const { launch: ref } = relaunchMachine(db, admin.id, machine.id, SOMEBODY, clock)
    await launch(deps, ref, never())
    expect(readFileSync(join(machine.folder, 'file'), 'utf8')).toBe('content')
  })

  test.each([
    ['whose file is gone', 'save_gone', (path: string) => rmSync(path)],
    ['with one bit changed', 'save_damaged', (path: string) => flip(path, 20)],
    [
      'with its end cut off',
      'save_damaged',
      (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -1)),
    ],
    ['with something added', 'save_damaged', (path: string) => writeFileSync(path, 'x', { flag: 'a' })],
  ])('%s fails once, with its own class, and starts nothing', async (_what, errorClass, damage) => {
    const { db, start, id, archive, runtime, admin, dataDir } = await saved()
    damage(archive)
    const before = runtime.plans.length
    const machine = await start(id)
    expect(machine).toMatchObject({ status: 'failed', tries: 1 })
    expect(getMachine(db, admin.id, machine.id)?.error?.class).toBe(errorClass)
    expect(runtime.plans.length).toBe(before)
    expect(
      readdirSync(join(dataDir, 'workspaces')).filter((name) => name.includes(machine.workspaceId)),
    ).toEqual([])
  })

  test('without enough room fails with that', async () => {
    const { db, admin, start, id, deps } = await saved()
    deps.saves.reserveBytes = 1e18
    const machine = await start(id)
    expect(getMachine(db, admin.id, machine.id)?.error?.class).toBe('disk_full')
    expect(existsSync(machine.folder)).toBe(false)
  })

  test('never gets another user’s save, whatever its row says', async () => {
    const { db, deps, admin, member, start, id } = await saved()
    expect(() =>
      launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One', saveId: id }, SOMEBODY, Date.now),
    ).toThrow('There is no such cloud save.')
    // Between the request and its worker.
    const other = start(id)
    db.update(cloudSaves).set({ userId: member.id }).run()
    cpSync(join(deps.saves.folder, admin.id), join(deps.saves.folder, member.id), { recursive: true })
    expect(getMachine(db, admin.id, (await other).id)?.error?.class).toBe('save_gone')
  })
})

function flip(path: string, at: number) {
  const content = readFileSync(path)
  content[at] = (content[at] ?? 0) ^ 1
  writeFileSync(path, content)
}
