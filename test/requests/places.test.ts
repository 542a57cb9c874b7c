import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { claimLaunch } from '~/db/machine-claims'
import { markFailed } from '~/db/machine-outcomes'
import { claimRemovals } from '~/db/machine-removal'
import { launchMachine, stopMachine } from '~/db/machine-requests'
import { listMachines } from '~/db/machines'
import { placeRequests } from '~/db/model-request-places'
import { findQueueState } from '~/db/model-request-queue'
import { diskUsage, machines, users } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { race } from '../support/race'
import { requestSite } from './site'

const GIB = 1024 ** 3

const rulesOf = ({ deps }: ReturnType<typeof requestSite>) => ({ ...deps, leaseMs: 15_000, max: 10 })

describe('a request', () => {
  test('waits its turn: one at a time on a machine, the oldest first, and none of them launches another', async () => {
    const site = requestSite()
    const { machine, call, row, prompts, worker, allMachines } = site
    machine()
    const ids = [call(), call(), call()]
    const one = worker()
    one.begin(ids[2] as string)
    expect(ids.map((id) => row(id).status)).toEqual(['in_progress', 'in_queue', 'in_queue'])
    await one.ended()
    for (let n = 0; n < 3; n++) await one.ended()
    expect(ids.map((id) => row(id).status)).toEqual(['completed', 'completed', 'completed'])
    expect(prompts.submitted.map(({ text }) => text)).toEqual(['1', '2', '3'])
    expect(allMachines()).toHaveLength(1)
  })

  test('that finds no machine has one launched, waits for it and runs there', async () => {
    const { call, row, run, serveAll, allMachines, added, db, admin } = requestSite()
    const id = call()
    await serveAll()
    await serveAll()
    const [machine, ...others] = allMachines()
    expect(machine).toMatchObject({
      name: 'Model API',
      forRequests: true,
      size: 'standard',
      status: 'queued',
    })
    expect(others).toEqual([])
    expect(row(id)).toMatchObject({ status: 'in_queue', machineId: machine?.id })
    expect(added).toContainEqual({ job: 'launch', machineId: machine?.id, attempt: 1 })
    const [entry] = listAuditEntries(db, { action: 'machine_launched' }, { limit: 1 })
    expect(entry).toMatchObject({ actorKind: 'worker', subjectId: admin.id })
    run({ machineId: machine?.id ?? '', attempt: 1 })
    await serveAll()
    expect(row(id)).toMatchObject({ status: 'completed' })
  })

  test('whose model asks for a size runs on no other', async () => {
    const { machine, call, row, admin, serveAll, allMachines } = requestSite()
    machine()
    const id = call(admin, 'ada/large')
    await serveAll()
    expect(row(id)).toMatchObject({ status: 'in_queue' })
    expect(allMachines()[1]).toMatchObject({ size: 'large', forRequests: true, id: row(id).machineId })
  })

  test('never runs on a machine of somebody else’s', async () => {
    const { machine, call, row, member, serveAll, allMachines } = requestSite()
    machine()
    const id = call(member)
    await serveAll()
    expect(row(id)).toMatchObject({ status: 'in_queue' })
    expect(allMachines().map(({ userId }) => userId)).toContain(member.id)
  })

  test('takes over the workspace of the last machine for requests of its size', async () => {
    const { call, row, run, admin, clock, db, serveAll, allMachines } = requestSite()
    call()
    await serveAll()
    const [first] = allMachines()
    const ref = { machineId: first?.id ?? '', attempt: 1 }
    run(ref)
    await serveAll()
    stopMachine(db, admin.id, ref.machineId, SOMEBODY, clock)
    const id = call()
    await serveAll()
    const next = allMachines().find(({ id }) => id !== ref.machineId)
    expect(next).toMatchObject({ workspaceId: first?.workspaceId, forRequests: true, status: 'queued' })
    expect(allMachines().find(({ id }) => id === ref.machineId)).toMatchObject({ replacedBy: next?.id })
    expect(row(id).machineId).toBe(next?.id)
    expect(listMachines(db, admin.id).map(({ id }) => id)).toEqual([next?.id])
    expect(findQueueState(db, { ...row(id), machineId: ref.machineId }).machineId).toBeNull()
    db.update(machines).set({ status: 'stopped', leaseUntil: 0 }).where(eq(machines.id, ref.machineId)).run()
    const removals = claimRemovals(db, { limit: 9, leaseMs: 0, clock })
    expect(removals).toEqual([{ machineId: ref.machineId, workspaceId: undefined }])
  })

  test('whose machine could not be started fails with the reason, with all that waited for it; the next one tries again', async () => {
    const { call, row, clock, db, admin, serveAll, allMachines } = requestSite()
    const ids = [call(), call()]
    await serveAll()
    const ref = { machineId: allMachines()[0]?.id ?? '', attempt: 1 }
    const claimed = claimLaunch(db, ref, { leaseMs: 1000, clock })
    if (!claimed) throw new Error('It can’t be launched.')
    const failure = { errorClass: 'not_set_up', message: 'No command is set.', detail: '' }
    markFailed(db, claimed.claim, failure, clock)
    await serveAll()
    const failed = { status: 'failed', errorClass: 'machine_failed', errorMessage: 'No command is set.' }
    expect(ids.map(row)).toMatchObject([failed, failed])
    const later = call()
    await serveAll()
    expect(row(later)).toMatchObject({ status: 'in_queue' })
    // What failed still says why.
    expect(listMachines(db, admin.id).map(({ status }) => status)).toEqual(['queued', 'failed'])
  })

  test('whose machine runs without ComfyUI fails with that instead of launching more', async () => {
    const { call, row, run, serveAll, allMachines } = requestSite()
    const id = call()
    await serveAll()
    run({ machineId: allMachines()[0]?.id ?? '', attempt: 1 }, ['filebrowser'])
    await serveAll()
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'machine_failed' })
    expect(allMachines()).toHaveLength(1)
  })

  test('that would need a machine more than its caller may have fails, and says which there are', () => {
    const site = requestSite()
    const { db, call, row, admin, clock } = site
    launchMachine(db, { userId: admin.id, kind: 'trainer', name: 'Trainer' }, SOMEBODY, clock)
    const id = call()
    placeRequests(db, admin.id, { ...rulesOf(site), machineLimits: { perUser: 1 } })
    expect(row(id)).toMatchObject({
      status: 'failed',
      errorClass: 'limit_reached',
      errorMessage: 'You have 1 of 1 machine running or on the way: Trainer.',
    })
  })

  test('that would need a machine while its caller’s files take too much fails, and says what takes it', () => {
    const site = requestSite()
    const { db, call, row, admin } = site
    db.insert(diskUsage)
      .values({ userId: admin.id, results: 2 * GIB, dueAt: 0, measuredAt: 0 })
      .run()
    const id = call()
    placeRequests(db, admin.id, { ...rulesOf(site), machineLimits: { diskPerUser: GIB } })
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'disk_limit' })
    expect(row(id).errorMessage).toMatch(/^Your files take 2\.0 GiB of 1\.0 GiB: .*results 2\.0 GiB\.$/)
  })

  test('of a size that its caller may not launch fails, and so does one whose caller was shut out', async () => {
    const site = requestSite()
    const { db, call, row, member, deps, serveAll } = site
    const large = call(member, 'ada/large')
    const sizes = deps.machineSizes.map((size) => ({ ...size, roles: ['admin' as const] }))
    placeRequests(db, member.id, { ...rulesOf(site), machineSizes: sizes })
    expect(row(large)).toMatchObject({ status: 'failed', errorClass: 'size_unavailable' })
    const id = call(member)
    db.update(users).set({ disabledAt: 1 }).where(eq(users.id, member.id)).run()
    await serveAll()
    expect(row(id)).toMatchObject({ status: 'failed', errorClass: 'account_shut' })
  })
})

test('what goes wrong with one user’s requests doesn’t keep those of others from running', async () => {
  const { call, row, machine, admin, member, db, serveAll, lines } = requestSite()
  machine(admin)
  machine(member)
  const ids = [call(member, 'ada/large'), call(admin), call(member)]
  db.$client.prepare(`update model_versions set definition = '{' where model_id = 'ada/large'`).run()
  await serveAll()
  expect(ids.map((id) => row(id).status)).toEqual(['in_queue', 'completed', 'in_queue'])
  expect(lines.join('')).toContain('malformed JSON')
})

test('several workers at the same moment launch one machine, and take each request on once', async () => {
  const { call, dataDir, admin, db, row, run, allMachines } = requestSite()
  const id = call()
  const launching = await race<{ launched: number }>(dataDir, 'place', admin.id)
  expect(launching.map(({ result }) => result?.launched).sort()).toEqual([0, 0, 0, 1])
  expect(allMachines()).toHaveLength(1)
  db.update(machines).set({ notBefore: 0 }).run()
  run({ machineId: allMachines()[0]?.id ?? '', attempt: 1 })
  const claiming = await race<{ claimed: number }>(dataDir, 'place', admin.id)
  expect(claiming.map(({ result }) => result?.claimed).sort()).toEqual([0, 0, 0, 1])
  expect(row(id)).toMatchObject({ status: 'in_progress', fence: 1 })
})
