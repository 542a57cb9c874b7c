import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { type Claim, claimLaunch } from '~/db/machine-claims'
import { markFailed } from '~/db/machine-outcomes'
import { relaunchMachine } from '~/db/machine-relaunch'
import { launchMachine } from '~/db/machine-requests'
import { findMachine } from '~/db/machine-states'
import { getMachine } from '~/db/machines'
import { users } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { type Site, startSite } from './site'
import { dataOf, refusalOf } from './visitor'

const PAGE = '/admin/failed-launches'

interface Page {
  launches: { machineId: string; machineName: string }[]
  total: number
  groups: { group: string; count: number; classes: { class: string; count: number }[] }[]
  older: string | null
  newer: string | null
}
type Retried = { results: { id: string; attempt?: number; refused?: string }[]; left: number }

async function withFailures() {
  const site = await startSite()
  const { admin, member, clock, failMachine } = site
  const fail = (user: typeof admin, name: string, errorClass: string) => {
    clock.advance(1000)
    return failMachine(user, { name, errorClass })
  }
  const ids = {
    slow: fail(member, 'Slow', 'start_timeout'),
    quiet: fail(admin, 'Quiet', 'start_hung'),
    imageless: fail(member, 'Image-less 100%', 'image_unavailable'),
    old: fail(admin, 'Old', 'port_taken'),
  }
  const boss = site.signedIn(admin)
  const list = async (input: object = {}) => dataOf<Page>(await boss.query('admin.failedLaunches', input))
  const names = async (input: object = {}) => (await list(input)).launches.map((one) => one.machineName)
  const retry = async (input: object) => dataOf<Retried>(await boss.mutate('admin.retryFailed', input))
  return { ...site, ids, boss, list, names, retry }
}

const retriesOf = ({ db }: Pick<Site, 'db'>) =>
  listAuditEntries(db, { action: 'launch_retried' }, { limit: 99 })

describe('failed launches', () => {
  it('are listed by class, by group and by a part of the machine’s or the owner’s name', async () => {
    const { names } = await withFailures()
    expect(await names()).toEqual(['Old', 'Image-less 100%', 'Quiet', 'Slow'])
    expect(await names({ class: 'start_hung' })).toEqual(['Quiet'])
    expect(await names({ class: 'timeout' })).toEqual(['Quiet', 'Slow'])
    expect(await names({ search: 'mo' })).toEqual(['Image-less 100%', 'Slow'])
    expect(await names({ search: 'QUI' })).toEqual(['Quiet'])
    expect(await names({ search: '0%' })).toEqual(['Image-less 100%'])
    expect(await names({ search: '_' })).toEqual([])
    expect(await names({ class: 'timeout', search: 'mo' })).toEqual(['Slow'])
  })

  it('of the last day alone are listed, counted and retried when no others are asked for', async () => {
    const { ids, boss, list, names, retry, clock, member, failMachine, db } = await withFailures()
    clock.advance(25 * 60 * 60_000)
    const late = failMachine(member, { name: 'Late', errorClass: 'start_hung' })
    expect(await names({ within: '24h' })).toEqual(['Late'])
    expect(await list({ within: '24h' })).toMatchObject({
      total: 1,
      groups: [{ group: 'timeout', count: 1 }],
    })
    expect((await names({ within: '7d', class: 'start_hung' })).sort()).toEqual(['Late', 'Quiet'])
    const page = `${PAGE}?class=start_hung&within=24h`
    await boss.submit(page, { class: 'start_hung', within: '24h' })
    expect([findMachine(db, late)?.status, findMachine(db, ids.quiet)?.status]).toEqual(['queued', 'failed'])
    expect((await retry({ class: 'start_hung', within: '24h' })).results).toEqual([])
    expect(findMachine(db, ids.quiet)?.status).toBe('failed')
  })

  it('of a class that is not known any more are in the list, and in the group that they are shown in', async () => {
    const { names, list } = await withFailures()
    expect(await names({ class: 'slipway' })).toEqual(['Old'])
    expect(await names({ class: 'port_taken' })).toEqual(['Old'])
    expect((await list()).groups).toMatchObject([
      { group: 'image', count: 1 },
      { group: 'timeout', count: 2, classes: [{ count: 1 }, { count: 1 }] },
      { group: 'slipway', count: 1, classes: [{ class: 'port_taken', count: 1 }] },
    ])
  })

  it('are read page by page, forward and back, though several failed at one moment', async () => {
    const { admin, failMachine, list } = await withFailures()
    for (const name of ['A', 'B', 'C']) failMachine(admin, { name })
    const whole = (await list()).launches
    const seen: Page['launches'] = []
    let page = await list({ limit: 2 })
    expect(page.newer).toBeNull()
    const pages = [page]
    while (page.older) {
      page = await list({ limit: 2, before: page.older })
      pages.push(page)
    }
    for (const { launches } of pages) seen.push(...launches)
    expect(seen).toEqual(whole)
    const back = await list({ limit: 2, after: pages[1]?.newer })
    expect(back.launches).toEqual(pages[0]?.launches)
  })

  it('don’t hold machines that run again, or that their owner relaunched', async () => {
    const { ids, retry, names, member, db, clock } = await withFailures()
    await retry({ ids: [ids.quiet] })
    relaunchMachine(db, member.id, ids.slow, SOMEBODY, clock)
    expect(getMachine(db, member.id, ids.slow)?.status).toBe('failed')
    expect(await names()).toEqual(['Old', 'Image-less 100%'])
  })

  it('say why each attempt failed', async () => {
    const { ids, boss, retry, list, db, clock } = await withFailures()
    await retry({ ids: [ids.slow] })
    const ref = { machineId: ids.slow, attempt: 2 }
    const claim = claimLaunch(db, ref, { leaseMs: 1000, clock })?.claim as Claim
    const failure = { errorClass: 'image_unavailable', message: 'There is none.', detail: '' }
    expect(markFailed(db, claim, failure, clock)).toBe(true)
    expect((await list({ search: 'Slow' })).launches[0]).toMatchObject({
      attempt: 2,
      errorClass: 'image_unavailable',
      retryMayHelp: false,
      earlier: [{ attempt: 1, label: 'No answer in time' }],
    })
    const { text } = await boss.get(PAGE)
    expect(text).toContain('No retry before the cure')
    expect(text.replaceAll('<!-- -->', '')).toContain('Attempt 1: No answer in time')
  })

  it('with a filter that can’t be answer with what is wrong', async () => {
    const { boss } = await withFailures()
    const answer = await boss.get(`${PAGE}?class=Not%20one`)
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('Is no reason of the list')])
    expect((await boss.get(`${PAGE}?before=zzz`)).text).toContain('Is no page of the list')
  })
})

describe('retrying several', () => {
  it('answers for each what came of it, and one that is refused keeps none of the others', async () => {
    const site = await withFailures()
    const { ids, retry, runMachine, member, jobs } = site
    const running = runMachine(member)
    const { results } = await retry({ ids: [ids.slow, running, 'nosuchmachine', ids.old, ids.slow] })
    expect(results).toEqual([
      { id: ids.slow, attempt: 2 },
      { id: running, refused: 'Only a failed launch can be retried; this machine is running.' },
      { id: 'nosuchmachine', refused: 'There is no such machine.' },
      { id: ids.old, attempt: 2 },
    ])
    expect(jobs).toEqual([
      { job: 'launch', machineId: ids.slow, attempt: 2 },
      { job: 'launch', machineId: ids.old, attempt: 2 },
    ])
    expect(retriesOf(site)).toHaveLength(2)
  })

  it('leaves out those of users who are disabled, and refuses them', async () => {
    const { ids, retry, list, boss, member, db } = await withFailures()
    db.update(users).set({ disabledAt: 1 }).where(eq(users.id, member.id)).run()
    const { launches, total } = await list()
    expect([launches.map(({ machineName }) => machineName), total]).toEqual([['Old', 'Quiet'], 2])
    expect((await retry({ class: 'timeout' })).results).toEqual([{ id: ids.quiet, attempt: 2 }])
    const refused = 'Its owner’s account is disabled. Enable it first.'
    expect((await retry({ ids: [ids.slow] })).results).toEqual([{ id: ids.slow, refused }])
    expect((await boss.mutate('admin.retryLaunch', { id: ids.slow })).status).toBe(409)
    expect(findMachine(db, ids.slow)).toMatchObject({ status: 'failed', attempt: 1 })
  })

  it('refuses one whose owner may not use its size any more', async () => {
    const { ids, retry, boss, services, db } = await withFailures()
    const [size] = services.policy.machineSizes
    if (!size) throw new Error('There is no size.')
    services.policy.machineSizes.splice(0, 1, { ...size, roles: ['admin'] })
    const { results } = await retry({ ids: [ids.slow, ids.quiet] })
    expect(results).toEqual([
      {
        id: ids.slow,
        refused: 'Its owner may not use the size “standard” any more. They can relaunch it with another one.',
      },
      { id: ids.quiet, attempt: 2 },
    ])
    expect((await boss.mutate('admin.retryLaunch', { id: ids.slow })).status).toBe(409)
    expect(findMachine(db, ids.slow)).toMatchObject({ status: 'failed', attempt: 1 })
  })

  it('of a class leaves the others alone', async () => {
    const { ids, retry, names } = await withFailures()
    const { results, left } = await retry({ class: 'timeout', search: 'Mo' })
    expect({ results, left }).toEqual({ results: [{ id: ids.slow, attempt: 2 }], left: 0 })
    expect(await names()).toEqual(['Old', 'Image-less 100%', 'Quiet'])
  })

  it('of a class takes the longest failed, at most 50 a call, and says how many are left', async () => {
    const { ids, retry, failMachine, member, db, jobs } = await withFailures()
    for (let made = 0; made < 55; made++) failMachine(member)
    const first = await retry({ class: 'start_timeout' })
    expect([first.results.length, first.results[0], first.left]).toEqual([
      50,
      { id: ids.slow, attempt: 2 },
      6,
    ])
    expect(jobs).toHaveLength(50)
    expect((await retry({ class: 'start_timeout' })).left).toBe(0)
    expect(findMachine(db, ids.quiet)?.status).toBe('failed')
  })

  it('by two administrators at once makes one attempt of each machine', async () => {
    const site = await withFailures()
    const { ids, boss, member, signedIn, db, jobs } = site
    db.update(users).set({ role: 'admin' }).where(eq(users.id, member.id)).run()
    const input = { ids: Object.values(ids) }
    const answers = await Promise.all(
      [boss, signedIn(member), boss, signedIn(member)].map((one) => one.mutate('admin.retryFailed', input)),
    )
    const results = answers.flatMap((answer) => dataOf<Retried>(answer).results)
    expect(results.filter(({ attempt }) => attempt === 2)).toHaveLength(4)
    expect(results.filter(({ refused }) => refused?.includes('this machine is queued'))).toHaveLength(12)
    for (const id of input.ids) expect(findMachine(db, id)?.attempt).toBe(2)
    expect(jobs).toHaveLength(4)
    expect(retriesOf(site)).toHaveLength(4)
  })

  it('takes ids or a class, not both nor neither', async () => {
    const { boss } = await withFailures()
    for (const input of [{}, { ids: ['a'], class: 'timeout' }, { ids: [] }, { ids: Array(51).fill('a') }]) {
      const answer = await boss.mutate('admin.retryFailed', input)
      expect([answer.status, refusalOf(answer).data.field]).toEqual([400, 'ids'])
    }
  })
})

describe('the page', () => {
  it('retries one, what is ticked, or a class after a question, and says what came of it', async () => {
    const { ids, boss, db, admin, clock } = await withFailures()
    const status = (id: string) => findMachine(db, id)?.status
    const one = await boss.submit(PAGE, { one: ids.old })
    expect(one.text).toContain('Queued again as attempt 2.')
    const again = await boss.submit(PAGE, { one: ids.old })
    expect(again.text).toContain('Nothing was queued again.')
    expect(again.text).toContain('this machine is queued')
    expect((await boss.submit(PAGE, {})).text).toContain('Tick the launches to retry.')
    const question = await boss.get(`${PAGE}?class=timeout&ask=all`)
    expect(question.text).toContain('Retry all 2')
    expect(status(ids.slow)).toBe('failed')
    const all = await boss.submit(`${PAGE}?class=timeout`, { class: 'timeout' })
    expect(all.text).toContain('2 launches are queued again.')
    expect([status(ids.slow), status(ids.quiet), status(ids.imageless)]).toEqual([
      'queued',
      'queued',
      'failed',
    ])
    // The choice stays, though there is nothing more of it.
    expect(all.text.replaceAll('<!-- -->', '')).toContain('Start-up timeout (0)')
    const image = await boss.get(`${PAGE}?class=image&ask=all`)
    expect(image.text).toContain('It will fail again unless the cure was applied first.')
    launchMachine(db, { userId: admin.id, kind: 'comfyui', name: 'Other' }, SOMEBODY, clock)
    expect((await boss.get(PAGE)).text).not.toContain('Other')
  })

  it('offers to retry everything only for a reason', async () => {
    const { boss } = await withFailures()
    expect((await boss.get(`${PAGE}?ask=all`)).text).not.toContain('with this reason')
  })
})

it('a failed machine tells its owner what to do, and whether trying again can help', async () => {
  const { ids, signedIn, member, boss } = await withFailures()
  const mo = signedIn(member)
  const error = async (id: string) => dataOf<{ error: object }>(await mo.query('machines.get', { id })).error
  expect(await error(ids.slow)).toMatchObject({
    class: 'start_timeout',
    message: 'It did not answer in time.',
    cure: 'Relaunch it; if that fails too, tell your administrator.',
    retryMayHelp: true,
  })
  expect(await error(ids.imageless)).toMatchObject({ group: 'image', retryMayHelp: false })
  const old = dataOf<{ error: object }>(await boss.query('machines.get', { id: ids.old })).error
  expect(old).toMatchObject({ class: 'port_taken', cure: expect.stringMatching(/\.$/), retryMayHelp: true })
  const { text } = await mo.get(`/machines/${ids.imageless}`)
  expect(text).toContain('Ask your administrator to set this right, then relaunch.')
})
