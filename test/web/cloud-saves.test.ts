import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { claimSave, findSave, markSaved, markSaveFailed } from '~/db/cloud-save-work'
import { createCloudSave } from '~/db/cloud-saves'
import { claimDiskMeasure, recordDiskUsage } from '~/db/disk-usage'
import { findMachine } from '~/db/machine-states'
import { listMachines } from '~/db/machines'
import { cloudSaves, machines } from '~/db/schema'
import type { User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { inputFor } from './procedures'
import { type Site, startSite } from './site'
import { dataOf, refusalOf } from './visitor'

const SHA256 = 'ab'.repeat(32)

/** A save that a worker has finished, of a machine that runs. */
function savedOf({ db, clock, runMachine }: Site, user: User, name = 'First') {
  const machineId = runMachine(user)
  const { id } = createCloudSave(db, { userId: user.id, machineId, name }, SOMEBODY, clock)
  const claimed = claimSave(db, id, { leaseMs: 1000, clock })
  if (!claimed) throw new Error('The save could not be claimed.')
  const archive = { bytes: 1_200_000, sha256: SHA256, bytesTotal: 3_400_000, notes: 'One.\nTwo.' }
  markSaved(db, claimed.claim, archive, clock)
  return { id, machineId }
}

it('saving a machine writes a row, tells the workers its id alone, and comes back to the machine', async () => {
  const { admin, signedIn, runMachine, jobs, db } = await startSite()
  const browser = signedIn(admin)
  const machineId = runMachine(admin, { name: 'Studio' })
  const answer = await browser.submit('/saves', { machineId, name: ' ' })
  expect([answer.status, answer.headers.location]).toEqual([302, `/machines/${machineId}`])
  const [save] = dataOf<{ id: string; name: string; status: string }[]>(
    await browser.query('cloudSaves.list'),
  )
  expect(save).toMatchObject({
    status: 'queued',
    name: expect.stringMatching(/^Studio, \d{4}-\d\d-\d\d \d\d:\d\d$/),
  })
  expect(jobs).toEqual([{ job: 'save', id: save?.id }])
  const page = (await browser.get(`/machines/${machineId}`)).text
  expect(page).toContain('Queued')
  expect(page).not.toContain('Save workspace')
  expect(listAuditEntries(db, { action: 'cloud_save_created' }, { limit: 9 })).toHaveLength(1)
})

it('asking again while a workspace is being saved answers the same save', async () => {
  const { admin, signedIn, runMachine } = await startSite()
  const machineId = runMachine(admin)
  const ask = () => signedIn(admin).mutate('cloudSaves.create', { machineId })
  const answers = await Promise.all(Array.from({ length: 5 }, ask))
  expect(new Set(answers.map((answer) => dataOf<{ id: string }>(answer).id)).size).toBe(1)
})

test.each(['queued', 'starting', 'stopping'] as const)(
  'a machine that is %s is not saved, and why is said',
  async (status) => {
    const { admin, signedIn, runMachine, db, jobs } = await startSite()
    const machineId = runMachine(admin)
    db.update(machines).set({ status }).where(eq(machines.id, machineId)).run()
    const answer = await signedIn(admin).mutate('cloudSaves.create', { machineId })
    expect([answer.status, refusalOf(answer).message]).toEqual([
      409,
      `This machine is ${status}. Save its workspace once it runs or has stopped.`,
    ])
    const page = await signedIn(admin).submit('/saves', { machineId })
    expect(page.text).toContain('Save its workspace once it runs or has stopped.')
    expect(jobs).toEqual([])
  },
)

it('somebody above the limit of disk saves nothing more, and is told what takes how much', async () => {
  const { admin, member, signedIn, runMachine, db, clock, jobs } = await startSite({
    env: { DISK_PER_USER_GIB: '1' },
  })
  const browser = signedIn(admin)
  const machineId = runMachine(admin)
  const save = () => browser.mutate('cloudSaves.create', { machineId })
  const underWay = dataOf<{ id: string }>(await save())
  for (const _ of [admin, member]) claimDiskMeasure(db, { everyMs: 1000, clock })
  recordDiskUsage(db, admin.id, { workspaces: 0, models: 0, saves: 2 * 1024 ** 3, results: 0 }, clock)
  expect(dataOf(await save())).toEqual(underWay)
  db.update(cloudSaves).set({ status: 'saved' }).run()
  const before = jobs.length
  const answer = await save()
  expect([answer.status, refusalOf(answer).message]).toEqual([
    429,
    expect.stringContaining('cloud saves 2.0 GiB, results 0.0 GiB. Delete machines or saves'),
  ])
  expect((await browser.submit('/saves', { machineId })).text).toContain('Your files take 2.0 GiB of 1.0 GiB')
  expect(jobs).toHaveLength(before)
})

it('a save is shown with all that is known of it', async () => {
  const site = await startSite()
  const { id, machineId } = savedOf(site, site.admin)
  const browser = site.signedIn(site.admin)
  const page = (await browser.get('/saves')).text
  for (const part of [
    'First',
    'Saved',
    '1.2 MB',
    '3.4 MB',
    SHA256,
    'abababababab',
    'One.',
    'Two.',
    `/machines?save=${id}`,
  ])
    expect(page).toContain(part)
  expect(dataOf(await browser.query('cloudSaves.get', { id }))).toMatchObject({
    status: 'saved',
    bytes: 1_200_000,
    sha256: SHA256,
    notes: ['One.', 'Two.'],
    machine: { id: machineId, name: 'One' },
    error: null,
  })
})

it('a save that failed says why, and nothing can start from it', async () => {
  const { admin, signedIn, runMachine, db, clock } = await startSite()
  const machineId = runMachine(admin)
  const { id } = createCloudSave(db, { userId: admin.id, machineId }, SOMEBODY, clock)
  const claim = claimSave(db, id, { leaseMs: 1000, clock })?.claim
  if (!claim) throw new Error('The save could not be claimed.')
  const browser = signedIn(admin)
  const early = await browser.mutate('machines.launch', { saveId: id })
  expect([early.status, refusalOf(early).message]).toEqual([
    409,
    'This save is not finished yet. Start from it once it is.',
  ])
  const failure = { errorClass: 'disk_full', message: 'The disk is full.', detail: '/srv/data' }
  markSaveFailed(db, claim, failure, clock)
  const page = (await browser.get('/saves')).text
  expect(page).toContain('The disk is full.')
  expect(page).not.toContain('Start from this save')
  expect(page).not.toContain('/srv/data')
  expect((await browser.mutate('machines.launch', { saveId: id })).status).toBe(409)
})

describe('starting from a save', () => {
  it('is offered with the launch form only when there are some, and launches a machine of its kind', async () => {
    const site = await startSite({ env: { TRAINER_COMMAND: 'train' } })
    const { admin, signedIn, db } = site
    const browser = signedIn(admin)
    expect((await browser.get('/machines')).text).not.toContain('name="saveId"')
    const { id } = savedOf(site, admin)
    expect((await browser.get(`/machines?save=${id}`)).text).toMatch(
      new RegExp(`<option value="${id}" selected`),
    )
    await browser.submit('/machines?index', { intent: 'launch', kind: 'trainer', saveId: id, name: 'Two' })
    const machine = listMachines(db, admin.id).find(({ name }) => name === 'Two')
    expect(machine).toMatchObject({ kind: 'comfyui', status: 'queued' })
    expect(findMachine(db, machine?.id ?? '')?.saveId).toBe(id)
    const wrong = await browser.mutate('machines.launch', { saveId: id, kind: 'trainer' })
    expect([wrong.status, refusalOf(wrong).data.field]).toEqual([400, 'kind'])
  })

  it('keeps the save from being deleted until the machine runs', async () => {
    const site = await startSite()
    const { admin, signedIn, db, jobs } = site
    const browser = signedIn(admin)
    const { id } = savedOf(site, admin)
    const machine = dataOf<{ id: string }>(
      await browser.mutate('machines.launch', { saveId: id, name: 'Two' }),
    )
    for (const status of ['queued', 'starting'] as const) {
      db.update(machines).set({ status }).where(eq(machines.id, machine.id)).run()
      const refused = await browser.submit('/saves', { id })
      expect(refused.text).toContain('The machine “Two” is about to start from this save.')
    }
    db.update(machines).set({ status: 'running' }).where(eq(machines.id, machine.id)).run()
    expect((await browser.submit('/saves', { id })).text).toContain('The save is deleted.')
    expect(findSave(db, id)).toBeUndefined()
    // For a worker to remove its file.
    expect(jobs.at(-1)).toEqual({ job: 'save', id })
    expect(listAuditEntries(db, { action: 'cloud_save_deleted' }, { limit: 9 })).toHaveLength(1)
  })
})

it('deleting asks first', async () => {
  const site = await startSite()
  const { id } = savedOf(site, site.admin)
  const browser = site.signedIn(site.admin)
  expect((await browser.get('/saves')).text).not.toContain('Keep it')
  const asking = (await browser.get(`/saves?delete=${id}`)).text
  expect(asking).toContain('Keep it')
  expect(findSave(site.db, id)).toBeDefined()
})

it('another user’s save is answered like one that doesn’t exist, and neither seen nor started from', async () => {
  const site = await startSite({ env: { ALLOW_UNISOLATED: '1' } })
  const { admin, member, signedIn, db } = site
  const { id, machineId } = savedOf(site, admin, 'Not for Mo')
  const mo = signedIn(member)
  const none = 'a'.repeat(16)
  for (const [name, type] of [
    ['cloudSaves.get', 'query'],
    ['cloudSaves.delete', 'mutation'],
  ] as const) {
    const answer = await mo.call(name, type, inputFor(name, id))
    expect([answer.status, answer.text]).toEqual([
      404,
      (await mo.call(name, type, inputFor(name, none))).text,
    ])
  }
  const launch = (saveId: string) => mo.mutate('machines.launch', { saveId })
  expect([(await launch(id)).status, (await launch(id)).text]).toEqual([404, (await launch(none)).text])
  const create = (of: string) => mo.mutate('cloudSaves.create', { machineId: of })
  expect([(await create(machineId)).status, (await create(machineId)).text]).toEqual([
    404,
    (await create(none)).text,
  ])
  for (const answer of [
    await mo.query('cloudSaves.list'),
    await mo.query('cloudSaves.list', { machineId }),
    await mo.get('/saves'),
    await mo.get('/machines'),
  ])
    expect(answer.text).not.toContain('Not for Mo')
  expect(findSave(db, id)?.status).toBe('saved')
  expect(listMachines(db, member.id)).toEqual([])
})
