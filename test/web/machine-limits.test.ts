import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { claimDiskMeasure, recordDiskUsage } from '~/db/disk-usage'
import { findMachine } from '~/db/machine-states'
import { machines } from '~/db/schema'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { startSite } from './site'
import { startUpstream } from './upstream'
import { cookieOf, dataOf, refusalOf } from './visitor'

const SIZES = [
  { name: 'small', label: 'Small', cpus: 2, memoryGiB: 8 },
  { name: 'large', label: 'Large', cpus: 16, memoryGiB: 64, gpus: { count: 2, kind: 'NVIDIA L4' } },
  { name: 'lab', label: 'Lab', cpus: 64, memoryGiB: 512, roles: ['admin'] },
  { name: 'training', label: 'Training', cpus: 8, memoryGiB: 64, kinds: ['trainer'] },
]

function configOf(sizes: unknown): string {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const file = join(folder.path, 'machines.json')
  writeFileSync(file, JSON.stringify(sizes))
  return file
}

const sized = (env: Record<string, string> = {}) =>
  startSite({
    env: { RUNTIME: 'docker', TRAINER_IMAGE: 'trainer', MACHINES_CONFIG: configOf(SIZES), ...env },
  })

describe('a size', () => {
  it('is offered to whom it is for, and is the first of those when none is chosen', async () => {
    const { member, admin, signedIn, db } = await sized()
    const names = async (user: typeof member) => {
      const { sizes } = dataOf<{ sizes: { name: string }[] }>(await signedIn(user).query('machines.options'))
      return sizes.map(({ name }) => name)
    }
    expect(await names(member)).toEqual(['small', 'large', 'training'])
    expect(await names(admin)).toEqual(['small', 'large', 'lab', 'training'])
    const { id } = dataOf<{ id: string }>(await signedIn(member).mutate('machines.launch', {}))
    expect(findMachine(db, id)?.size).toBe('small')
  })

  it('that is chosen is kept, shown, and taken over by a relaunch unless that names another', async () => {
    const { member, signedIn, db } = await sized()
    const browser = signedIn(member)
    const { headers } = await browser.submit('/machines?index', { size: 'large', intent: 'launch' })
    const id = String(headers.location).split('/').at(-1) as string
    const { size } = dataOf<{ size: unknown }>(await browser.query('machines.get', { id }))
    expect(size).toEqual({
      name: 'large',
      label: 'Large',
      description: '16 CPUs, 64 GiB memory, 2 × NVIDIA L4',
      holds: true,
    })
    const page = (await browser.get(`/machines/${id}`)).text
    expect(page).toContain('16 CPUs, 64 GiB memory, 2 × NVIDIA L4')
    const next = dataOf<{ id: string }>(await browser.mutate('machines.relaunch', { id }))
    expect(findMachine(db, next.id)?.size).toBe('large')
    const changed = { id: next.id, size: 'small' }
    const last = dataOf<{ id: string }>(await browser.mutate('machines.relaunch', changed))
    expect(findMachine(db, last.id)?.size).toBe('small')
  })

  test.each([
    ['that isn’t there', { size: 'huge' }],
    ['that is for administrators', { size: 'lab' }],
    ['that is for trainers', { size: 'training' }],
  ])('%s is refused at its field, and nothing is launched', async (_what, input) => {
    const { member, signedIn, db } = await sized()
    const answer = await signedIn(member).mutate('machines.launch', input)
    expect(answer.status).toBe(400)
    expect(refusalOf(answer)).toMatchObject({
      message: expect.stringContaining('Choose one of small, large.'),
      data: { field: 'size' },
    })
    expect(db.select().from(machines).all()).toEqual([])
  })

  it('that is no longer offered is not relaunched as something else: it says so, and takes another', async () => {
    const { member, signedIn, runMachine, db } = await sized()
    const id = runMachine(member)
    db.update(machines).set({ size: 'vanished' }).run()
    const browser = signedIn(member)
    const refused = refusalOf(await browser.mutate('machines.relaunch', { id }))
    expect(refused.message).toBe(
      'The size “vanished” is not offered to you here. Choose one of small, large.',
    )
    expect(findMachine(db, id)?.status).toBe('running')
    expect((await browser.get(`/machines/${id}?relaunch`)).text).toContain('name="size"')
    expect((await browser.mutate('machines.relaunch', { id, size: 'small' })).status).toBe(200)
  })

  it('is no choice where there is one that limits nothing', async () => {
    const { admin, signedIn } = await startSite()
    expect((await signedIn(admin).get('/machines')).text).not.toContain('name="size"')
  })
})

describe('a limit that is reached', () => {
  it('is 429 with when to come back, by the procedure, and a sentence with the cure on the page', async () => {
    const { admin, signedIn } = await startSite({ env: { MACHINES_PER_USER: '1' } })
    const browser = signedIn(admin)
    await browser.mutate('machines.launch', { name: 'Studio' })
    const answer = await browser.mutate('machines.launch', { name: 'Second' })
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '60'])
    expect(refusalOf(answer).data.code).toBe('TOO_MANY_REQUESTS')
    const { status, text } = await browser.submit('/machines?index', { name: 'Second', intent: 'launch' })
    expect(status).toBe(429)
    expect(text).toContain('You have 1 of 1 machine running or on the way: Studio.')
  })

  it('holds for an administrator’s retry of another’s machine', async () => {
    const { admin, member, signedIn, failMachine, runMachine } = await startSite({
      env: { MACHINES_PER_USER: '1' },
    })
    const id = failMachine(member)
    runMachine(member, { name: 'Studio' })
    const answer = await signedIn(admin).mutate('admin.retryLaunch', { id })
    expect(answer.status).toBe(429)
    expect(refusalOf(answer).message).toContain('Its owner has 1 of 1 machine')
  })

  it('of all machines shows the place in the queue and why, and follows it as others end', async () => {
    const { admin, signedIn, runMachine, db } = await startSite({ env: { MACHINES_MAX: '1' } })
    const browser = signedIn(admin)
    runMachine(admin)
    const ids: string[] = []
    for (const name of ['Second', 'Third'])
      ids.push(dataOf<{ id: string }>(await browser.mutate('machines.launch', { name })).id)
    const queue = async (id = ids[1]) =>
      dataOf<{ queue: unknown }>(await browser.query('machines.get', { id })).queue
    expect(await queue()).toEqual({
      place: 2,
      running: 1,
      limit: 1,
      message: 'Second in the queue: 1 of 1 machine runs',
    })
    expect((await browser.get(`/machines/${ids[1]}`)).text).toContain(
      'Second in the queue: 1 of 1 machine runs',
    )
    expect((await browser.get('/machines')).text).toContain('First in the queue: 1 of 1 machine runs')

    const { body } = await browser.begin('machines.watch', 'subscription', { id: ids[1] })
    const seen: string[] = []
    body.on('data', (chunk) => seen.push(String(chunk)))
    await until('the place is seen', () => seen.join('').includes('"place":2'))
    await browser.mutate('machines.stop', { id: ids[0] })
    await until('the new place is seen', () => seen.join('').includes('"place":1'))
    body.on('error', () => undefined).destroy()
    db.update(machines).set({ status: 'stopped' }).run()
    expect(await queue()).toBeNull()
  })
})

describe('a session with an end', () => {
  const env = { SESSION_HOURS: '2' }

  it('says when, warns on its page, and is extended by its button', async () => {
    const { admin, signedIn, runMachine, db, clock } = await startSite({ env })
    const browser = signedIn(admin)
    const id = runMachine(admin)
    const get = async () =>
      dataOf<{ endsAt: string; warning: unknown }>(await browser.query('machines.get', { id }))
    const endsAt = clock() + 10 * 60_000
    db.update(machines).set({ endsAt, warnedAt: clock() }).run()
    const at = new Date(endsAt).toISOString()
    expect(await get()).toMatchObject({ endsAt: at, warning: { reason: 'session', at } })
    expect((await browser.get(`/machines/${id}`)).text).toContain('The session ends')
    const { status, headers } = await browser.submit(`/machines/${id}`, { intent: 'extend' })
    expect([status, headers.location]).toEqual([302, `/machines/${id}`])
    const later = new Date(clock() + 2 * 3_600_000).toISOString()
    expect(await get()).toMatchObject({ endsAt: later, warning: null })
    expect(findMachine(db, id)?.warnedAt).toBeNull()
    const log = (await browser.get('/profile/activity')).text
    expect(log).toContain('Session of a machine extended')
  })

  it('can’t be extended when it doesn’t run', async () => {
    const { admin, signedIn, failMachine } = await startSite({ env })
    const answer = await signedIn(admin).mutate('machines.extend', { id: failMachine(admin) })
    expect([answer.status, refusalOf(answer).message]).toEqual([
      409,
      'Only a running machine can be extended; this one is failed.',
    ])
  })
})

describe('what counts as use of a machine', () => {
  const MINUTE = 60_000

  async function inUse() {
    const site = await startSite()
    const { admin, signedIn, runMachine, serviceUrl, visitor, db, clock } = site
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/large') response.write(Buffer.alloc(1_000_000))
      else response.end('hello')
    })
    const id = runMachine(admin, { service: 'comfyui', address: upstream.address })
    const browser = signedIn(admin)
    const { url } = dataOf<{ url: string }>(await browser.mutate('machines.open', { id, service: 'comfyui' }))
    const inside = visitor(cookieOf(await visitor().get(url)))
    const activeAt = () => findMachine(db, id)?.activeAt
    return { ...site, browser, id, inside, url: serviceUrl(id, 'comfyui'), activeAt, clock }
  }

  it('is a request to one of its services, written down once a minute; a page of Slipway is none', async () => {
    const { browser, id, inside, url, activeAt, clock } = await inUse()
    const start = clock()
    clock.advance(10 * MINUTE)
    await browser.get(`/machines/${id}`)
    expect(activeAt()).toBe(start)
    await inside.get(url)
    expect(activeAt()).toBe(clock())
    clock.advance(MINUTE - 1)
    await inside.get(url)
    expect(activeAt()).toBe(clock() - MINUTE + 1)
    clock.advance(1)
    await inside.get(url)
    expect(activeAt()).toBe(clock())
  })

  it('takes back the announcement that it is stopped', async () => {
    const { id, inside, url, db, clock, browser } = await inUse()
    db.update(machines).set({ idleWarnedAt: clock() }).run()
    const get = async () => dataOf<{ warning: unknown }>(await browser.query('machines.get', { id })).warning
    const at = new Date(clock() + 5 * MINUTE).toISOString()
    expect(await get()).toEqual({ reason: 'idle', at })
    expect((await browser.get(`/machines/${id}`)).text).toContain('Nobody uses this machine')
    await inside.get(url)
    expect(await get()).toBeNull()
  })

  it('is a download that goes on long after it was asked for', async () => {
    const { inside, url, activeAt, clock } = await inUse()
    const { body } = await inside.stream(`${url}large`)
    body.on('error', () => undefined)
    clock.advance(10 * MINUTE)
    body.resume()
    await until('it counts', () => activeAt() === clock())
    body.destroy()
  })

  it('is nobody else’s request', async () => {
    const { visitor, url, activeAt, clock } = await inUse()
    const start = clock()
    clock.advance(10 * MINUTE)
    expect((await visitor().get(url)).status).toBe(404)
    expect(activeAt()).toBe(start)
  })
})

describe('deleting', () => {
  it('asks first without scripts, and takes the machine out of every list at once', async () => {
    const { admin, signedIn, runMachine, jobs, db } = await startSite()
    const browser = signedIn(admin)
    const id = runMachine(admin, { name: 'Studio' })
    expect((await browser.get(`/machines/${id}`)).text).toContain('?delete')
    expect((await browser.get(`/machines/${id}?delete`)).text).toContain('Delete for good')
    const { status, headers } = await browser.submit(`/machines/${id}`, { intent: 'delete' })
    expect([status, headers.location]).toEqual([302, '/machines'])
    expect(jobs).toEqual([{ job: 'stop', machineId: id, attempt: 1 }])
    expect(findMachine(db, id)?.status).toBe('stopping')
    for (const procedure of ['machines.get', 'machines.open', 'machines.watch'])
      expect([procedure, (await browser.query(procedure, { id, service: 'filebrowser' })).text]).toEqual([
        procedure,
        expect.stringMatching(/no such|POST/),
      ])
    expect((await browser.get('/machines')).text).not.toContain('Studio')
    expect((await browser.get('/profile/activity')).text).toContain('Machine deleted')
  })

  it('takes a failed one off the administrator’s list, and off retries', async () => {
    const { admin, signedIn, failMachine } = await startSite()
    const browser = signedIn(admin)
    const id = failMachine(admin, { name: 'Studio' })
    await browser.mutate('machines.delete', { id })
    expect((await browser.get('/admin/failed-launches')).text).toContain('Nothing has failed')
    expect((await browser.mutate('admin.retryLaunch', { id })).status).toBe(404)
  })
})

it('the machines page says what one’s files take, once that was measured', async () => {
  const { admin, member, signedIn, db, clock } = await startSite({ env: { DISK_PER_USER_GIB: '100' } })
  const page = async () => (await signedIn(admin).get('/machines')).text
  expect(await page()).not.toContain('Workspaces')
  for (const _ of [admin, member]) claimDiskMeasure(db, { everyMs: 1000, clock })
  const GIB = 1024 ** 3
  recordDiskUsage(
    db,
    admin.id,
    { workspaces: 60 * GIB, models: 30 * GIB, saves: 20 * GIB, results: 0 },
    clock,
  )
  for (const text of ['110.0 GiB of 100.0 GiB', '60.0 GiB', '30.0 GiB', '20.0 GiB'])
    expect((await page()).replaceAll('<!-- -->', '')).toContain(text)
  const answer = await signedIn(admin).mutate('machines.launch', {})
  expect(answer.status).toBe(429)
})
