import { eq } from 'drizzle-orm'
import { describe, expect, it, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { relaunchMachine } from '~/db/machine-relaunch'
import { findMachine } from '~/db/machine-states'
import { saveProviderToken } from '~/db/provider-tokens'
import { machines, users } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { startSite } from './site'
import { dataOf, refusalOf } from './visitor'

const PAGE = '/admin/machines'

interface Page {
  machines: { id: string; name: string; failure: string | null; owner: { name: string } }[]
  older: string | null
  newer: string | null
}

async function withMachines() {
  const site = await startSite({ env: { ALLOW_UNISOLATED: '1' } })
  const { admin, member, clock, runMachine, failMachine } = site
  const running = runMachine(member, { name: 'Mo’s - own' })
  clock.advance(1000)
  const failed = failMachine(member, { name: 'Broken' })
  clock.advance(1000)
  const own = runMachine(admin, { name: 'Ada’s' })
  const boss = site.signedIn(admin)
  const list = async (input: object = {}) => dataOf<Page>(await boss.query('admin.machines', input))
  const names = async (input: object = {}) => (await list(input)).machines.map(({ name }) => name)
  return { ...site, boss, running, failed, own, list, names }
}

describe('everybody’s machines', () => {
  it('are listed with their owners, and found by each filter', async () => {
    const { list, names, member, db, failed } = await withMachines()
    db.update(users).set({ email: 'mo@example.org' }).where(eq(users.id, member.id)).run()
    expect((await list()).machines).toMatchObject([
      { name: 'Ada’s', owner: { name: 'Ada' }, failure: null },
      { name: 'Broken', owner: { name: 'Mo' }, failure: 'No answer in time' },
      { name: 'Mo’s - own', owner: { name: 'Mo' }, size: { name: 'standard' } },
    ])
    expect(await names({ status: 'running' })).toEqual(['Ada’s', 'Mo’s - own'])
    for (const user of [member.id, 'MO@example.org', 'mo'])
      expect(await names({ user })).toEqual(['Broken', 'Mo’s - own'])
    expect(await names({ kind: 'trainer' })).toEqual([])
    expect(await names({ size: 'standard', search: 'bro' })).toEqual(['Broken'])
    expect(await names({ search: failed })).toEqual(['Broken'])
    db.update(machines).set({ deletedAt: 1 }).where(eq(machines.id, failed)).run()
    expect(await names()).toEqual(['Ada’s', 'Mo’s - own'])
  })

  it('that a search finds are in the order of their names, and the page says in which order it is', async () => {
    const { boss, names, runMachine, admin, clock } = await withMachines()
    for (const name of ['brush', 'Breeze']) {
      clock.advance(1000)
      runMachine(admin, { name })
    }
    expect(await names({ search: 'br' })).toEqual(['Breeze', 'Broken', 'brush'])
    expect((await boss.get(`${PAGE}?search=br`)).text).toContain('Everybody’s, by name.')
    expect(await names({ search: 'br', status: 'running' })).toEqual(['Breeze', 'brush'])
    expect((await boss.get(`${PAGE}?search=br&status=running`)).text).toContain('the newest first.')
  })

  it('are read page by page, forward and back, whatever they are called', async () => {
    const { list } = await withMachines()
    for (const filter of [{}, { search: '' }, { user: 'Mo' }]) {
      const whole = (await list(filter)).machines
      const first = await list({ ...filter, limit: 1 })
      const second = await list({ ...filter, limit: 1, before: first.older })
      expect([...first.machines, ...second.machines]).toEqual(whole.slice(0, 2))
      expect((await list({ ...filter, limit: 1, after: second.newer })).machines).toEqual(first.machines)
      expect(first.newer).toBeNull()
    }
  })

  test.each([
    ['user', 'nobody', 'Is nobody’s'],
    ['status', 'lost', 'Must be one of queued'],
    ['before', 'zzz', 'Is no page of the list'],
  ])('with a faulty %s answer what is wrong', async (name, value, said) => {
    const { boss } = await withMachines()
    const { status, text } = await boss.get(`${PAGE}?${name}=${value}`)
    expect([status, text]).toEqual([400, expect.stringContaining(said)])
  })

  it('hold an owner back whose name others have too', async () => {
    const { boss, db } = await withMachines()
    db.update(users).set({ name: 'Twin' }).run()
    expect(refusalOf(await boss.query('admin.machines', { user: 'Twin' })).data.field).toBe('user')
  })
})

describe('an administrator’s stop', () => {
  it('asks first, then ends the machine, and its owner’s activity says who did', async () => {
    const { boss, running, db, jobs, member, admin } = await withMachines()
    const question = await boss.get(`${PAGE}?stop=${running}`)
    expect(question.text).toContain('Let it run')
    expect(findMachine(db, running)?.status).toBe('running')
    const { text } = await boss.submit(PAGE, { intent: 'stop', id: running })
    expect(text).toContain('It is stopping.')
    expect(findMachine(db, running)?.status).toBe('stopping')
    expect(jobs).toEqual([{ job: 'stop', machineId: running, attempt: 1 }])
    const entries = listAuditEntries(db, { userId: member.id, action: 'machine_stopped' }, { limit: 9 })
    expect(entries).toMatchObject([
      {
        actorId: admin.id,
        subjectId: member.id,
        target: `Mo’s - own (${running})`,
        detail: 'By an administrator',
      },
    ])
  })

  it('and the settings take a browser: no login of the command line reaches them', async () => {
    const { withApiToken, admin, running, db } = await withMachines()
    const { visitor } = withApiToken(admin, ['admin:read', 'admin:write'])
    const answers = [
      await visitor.mutate('admin.stopMachine', { id: running }),
      await visitor.query('admin.settings'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([403, 403])
    expect(findMachine(db, running)?.status).toBe('running')
  })

  it('of a machine that has ended changes nothing and writes nothing down', async () => {
    const { boss, failed, db } = await withMachines()
    const before = findMachine(db, failed)
    await boss.mutate('admin.stopMachine', { id: failed })
    expect(findMachine(db, failed)).toEqual(before)
    expect(listAuditEntries(db, { action: 'machine_stopped' }, { limit: 9 })).toEqual([])
  })

  it('of a deleted machine is answered like that of none', async () => {
    const { boss, running, db } = await withMachines()
    db.update(machines).set({ deletedAt: 1 }).where(eq(machines.id, running)).run()
    for (const [name, call] of [
      ['admin.stopMachine', boss.mutate],
      ['admin.machine', boss.query],
    ] as const)
      expect([name, (await call.call(boss, name, { id: running })).status]).toEqual([name, 404])
    expect(findMachine(db, running)?.status).toBe('running')
  })
})

describe('the facts of a machine', () => {
  it('say whose it is, why each attempt failed and what to do, and offer a retry', async () => {
    const { boss, failed, db } = await withMachines()
    const { text } = await boss.get(`${PAGE}/${failed}`)
    for (const said of ['Broken', 'No answer in time', 'What an administrator reads.', 'Retry Broken'])
      expect(text).toContain(said)
    const again = await boss.submit(`${PAGE}/${failed}`, { intent: 'retry', id: failed })
    expect(again.text).toContain('Queued again as attempt 2.')
    expect(findMachine(db, failed)).toMatchObject({ status: 'queued', attempt: 2 })
  })

  it('offer no retry of what its owner has relaunched, nor does the list', async () => {
    const { boss, failed, db, member, clock } = await withMachines()
    expect((await boss.get(PAGE)).text).toContain('Retry Broken')
    relaunchMachine(db, member.id, failed, SOMEBODY, clock)
    for (const page of [PAGE, `${PAGE}/${failed}`]) {
      const { status, text } = await boss.get(page)
      expect([status, text.includes('Broken'), text.includes('Retry Broken')]).toEqual([200, true, false])
    }
  })

  it('name services but lead to none, and keep what tokens begin with from everybody but their owner', async () => {
    const { boss, member, services, runMachine, signedIn } = await withMachines()
    saveProviderToken(services, member.id, 'huggingface', 'hf_MoeCANARY', SOMEBODY)
    const id = runMachine(member, { name: 'Held', address: 'http://127.0.0.1:9' })
    const own = await signedIn(member).get(`/machines/${id}`)
    expect(own.text).toContain('hf_Moe')
    for (const answer of [await boss.query('admin.machine', { id }), await boss.get(`${PAGE}/${id}`)]) {
      expect(answer.text).toContain('filebrowser')
      expect(answer.text).toContain('Took the saved tokens: Hugging Face')
      for (const secret of ['hf_Moe', '127.0.0.1:9', services.serviceUrl(id, 'filebrowser')])
        expect(answer.text).not.toContain(secret)
    }
    expect((await boss.get(`/machines/${id}`)).status).toBe(404)
  })

  it('lead to the machine’s own page for its owner alone', async () => {
    const { boss, own, running } = await withMachines()
    expect((await boss.get(`${PAGE}/${own}`)).text).toContain(`href="/machines/${own}"`)
    expect((await boss.get(`${PAGE}/${running}`)).text).not.toContain(`href="/machines/${running}"`)
  })

  it('are for administrators alone', async () => {
    const { signedIn, member, running, failed } = await withMachines()
    for (const path of ['/admin', PAGE, `${PAGE}/${running}`, `${PAGE}/${failed}.data`]) {
      const { status, text } = await signedIn(member).get(path)
      expect([path, status]).toEqual([path, path.endsWith('.data') ? status : 403])
      expect(text).not.toContain('Broken')
    }
  })
})
