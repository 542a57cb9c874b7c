import { describe, expect, it, test } from 'vitest'
import { usageView } from '~/app/trpc/usage-view'
import { noteDownloads } from '~/db/downloads'
import { stopMachine } from '~/db/machine-requests'
import { machineRuns } from '~/db/schema'
import type { User } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'
import { queryPlans } from '../support/query-plans'
import { type Site, startSite } from './site'

const HOUR = 60 * 60_000

/** A machine that ran for so long, with one download; the clock goes on. */
function used(site: Site, user: User, hours: number, name = 'One') {
  const { db, clock } = site
  const id = site.runMachine(user, { name })
  const download = { id: crypto.randomUUID(), bytes: 1e9, host: 'huggingface.co', name: 'a.safetensors' }
  noteDownloads(db, id, [{ ...download, at: clock() }], clock)
  clock.advance(hours * HOUR)
  stopMachine(db, user.id, id, SOMEBODY, clock)
  return id
}

/** Noon of 1 January 2026, where Ada ran one machine for 36 hours and Mo two for 1 and 2. */
async function withUsage() {
  const site = await startSite()
  const { db, clock, admin, member } = site
  clock.advance(12 * HOUR)
  const long = used(site, admin, 36, 'Long')
  used(site, member, 1)
  used(site, member, 2, '=Two')
  db.update(machineRuns).set({ gpus: 2 }).run()
  site.failMachine(member)
  return { ...site, long }
}

test('hours are told by the day on which they were, on as many GPUs as there were', async () => {
  const { signedIn, admin, long } = await withUsage()
  const answer = await signedIn(admin).get('/trpc/usage.mine?input=%7B%22days%22%3A7%7D')
  const { byDay, total, rows, sizes } = JSON.parse(answer.text).result.data
  const hours = byDay.map(({ day, hours, gpuHours }: Record<string, number>) => [day, hours, gpuHours])
  expect(hours.slice(-4)).toEqual([
    ['2025-12-31', 0, 0],
    ['2026-01-01', 12, 24],
    ['2026-01-02', 24, 48],
    ['2026-01-03', 0, 0],
  ])
  expect(total).toMatchObject({ hours: 36, gpuHours: 72, launches: 1, failed: 0, downloads: 1, bytes: 1e9 })
  expect(rows).toEqual([
    { id: long, name: 'Long', isThere: true, runs: 1, hours: 36, gpuHours: 72, downloads: 1, bytes: 1e9 },
  ])
  expect(sizes).toMatchObject([{ name: 'standard' }])
})

describe('usage', () => {
  it('is one’s own, and everybody’s for administrators alone', async () => {
    const { signedIn, withApiToken, admin, member } = await withUsage()
    const [ada, mo] = [signedIn(admin), signedIn(member)]
    const own = await mo.get('/usage')
    expect([own.status, own.text.includes('Long')]).toEqual([200, false])
    const all = await ada.get('/admin/usage')
    expect([all.status, all.text.includes('Mo')]).toEqual([200, true])
    for (const path of ['/admin/usage', '/admin/usage.csv', '/trpc/usage.everybody'])
      expect([path, (await mo.get(path)).status]).toEqual([path, 403])
    for (const [scopes, status] of [
      [['read'], 403],
      [['machines:read', 'admin:read'], 200],
    ] as const)
      expect((await withApiToken(admin, scopes).visitor.get('/trpc/usage.everybody')).status).toBe(status)
  })

  it('is a file of the same, by machine or user and by day', async () => {
    const { signedIn, admin, member, long } = await withUsage()
    const mine = await signedIn(member).get('/usage.csv?days=7')
    expect(mine.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="slipway-usage-machine-7.csv"',
      'cache-control': 'no-store',
    })
    const [head, first, second, ...rest] = mine.text.split('\r\n')
    expect(head).toBe('machine,id,runs,hours,gpu_hours,downloads,bytes')
    expect(first).toMatch(/^'=Two,[a-z2-7]{16},1,2\.000,4\.000,1,1000000000$/)
    expect(second).toMatch(/^One,[a-z2-7]{16},1,1\.000,2\.000,1,1000000000$/)
    expect(rest).toEqual([''])
    expect(mine.text).not.toContain(long)
    const all = await signedIn(admin).get('/admin/usage.csv?days=7')
    expect(all.text).toBe(
      [
        'user,id,runs,hours,gpu_hours,downloads,bytes',
        `Ada,${admin.id},1,36.000,72.000,1,1000000000`,
        `Mo,${member.id},2,3.000,6.000,2,2000000000`,
        '',
      ].join('\r\n'),
    )
    const days = (await signedIn(admin).get('/admin/usage.csv?days=7&by=day')).text.split('\r\n')
    expect(days).toHaveLength(1 + 7 + 1)
    expect(days.at(-2)).toBe('2026-01-03,3.000,6.000,2,1,0.0,0.0,2,2000000000')
  })

  it('is refused for other periods than there are', async () => {
    const { signedIn, admin } = await startSite()
    for (const days of ['8', 'all', '-7']) {
      const { status, text } = await signedIn(admin).get(`/usage.csv?days=${days}`)
      expect([status, text]).toEqual([400, 'days: must be 7, 30 or 90'])
    }
  })

  it('is drawn without scripts, with no style of the server’s own', async () => {
    const { signedIn, admin } = await withUsage()
    const { text } = await signedIn(admin).get('/usage?days=90')
    for (const title of ['GPU hours by day', 'Time to launch', 'Downloads by day'])
      expect(text).toContain(title)
    expect(text).toContain('72 h in 90 days, most on 2026-01-02')
    expect(text.match(/<title>\d+ \w+: [^<]+<\/title>/g)).toHaveLength(3 * 90)
    expect(text).not.toMatch(/ style=/)
  })
})

test('no page of usage reads more than its days', () => {
  const { db, admin } = testInstallation()
  const tables = ['machine_runs', 'launch_attempts', 'downloads']
  const context = { db, clock: Date.now, policy: { machineSizes: [] } }
  for (const userId of [admin.id, undefined]) {
    const plans = queryPlans(db, tables, () => usageView(context, { days: 90, userId }))
    expect(plans.filter((plan) => /^SCAN/.test(plan))).toEqual([])
    expect(plans.length).toBeGreaterThan(4)
  }
})
