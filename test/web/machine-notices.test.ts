import { describe, expect, it, test } from 'vitest'
import { stopMachine } from '~/db/machine-requests'
import { MACHINE_STATUSES, machines } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { siteWithMachine } from './machine-site'
import { ORIGIN } from './site'

const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const NOT_RUNNING = { queued: 503, starting: 503, stopping: 503, stopped: 410, failed: 503 }

describe('what is not there says so: a page for browsers, JSON for programs', () => {
  test.each(MACHINE_STATUSES.filter((status) => status !== 'running'))(
    'a machine that is %s',
    async (status) => {
      const { db, machineId, enter, host, upstream } = await siteWithMachine()
      const browser = await enter()
      db.update(machines).set({ status }).run()
      const [page, data] = [await browser.get(host, PAGE), await browser.get(`${host}api/prompt`)]
      for (const { status: code, headers } of [page, data]) {
        expect(code).toBe(NOT_RUNNING[status as keyof typeof NOT_RUNNING])
        expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
        expect(headers['content-security-policy']).toContain("default-src 'none'")
      }
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(page.text).toContain(`href="${ORIGIN}/machines/${machineId}"`)
      const { error } = JSON.parse(data.text)
      expect(error).toEqual({
        code: status,
        message: expect.any(String),
        page: `${ORIGIN}/machines/${machineId}`,
      })
      expect(page.text).toContain(error.message)
      // Only what comes by itself is worth asking again, and only a page that was asked for does so by itself.
      const comes = ['queued', 'starting'].includes(status)
      expect([page.headers['retry-after'], data.headers['retry-after']]).toEqual(
        comes ? ['5', '5'] : [undefined, undefined],
      )
      const form = await browser.ask(host, { method: 'POST', headers: PAGE })
      const reloads = [page, data, form].map(({ headers }) => headers.refresh)
      expect(reloads).toEqual([comes ? '5' : undefined, undefined, undefined])
      expect(upstream.requests).toEqual([])
    },
  )

  it('a machine that has been stopped just now', async () => {
    const { admin, db, clock, machineId, enter, host } = await siteWithMachine()
    const browser = await enter()
    stopMachine(db, admin.id, machineId, SOMEBODY, clock)
    expect((await browser.get(host, PAGE)).text).toContain('about to end')
  })

  it('a machine that is gone, never was, or is somebody else’s: one answer', async () => {
    const { db, enter, host, member, runMachine, serviceUrl, visitor } = await siteWithMachine()
    const browser = await enter()
    const hosts = [serviceUrl(runMachine(member)), serviceUrl('a'.repeat(16))]
    const answers = [
      await visitor().get(host, PAGE),
      ...(await Promise.all(hosts.map((one) => browser.get(one, PAGE)))),
    ]
    db.$client.exec('delete from machine_access')
    answers.push(await browser.get(host, PAGE))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    for (const { status, text } of answers) {
      expect(status).toBe(404)
      expect(text).toContain(`href="${ORIGIN}/machines"`)
    }
    const data = await visitor().get(host)
    expect([data.status, JSON.parse(data.text).error.code]).toEqual([404, 'unknown'])
  })

  it('a machine while the database does not answer', async () => {
    const { db, enter, host } = await siteWithMachine()
    const browser = await enter()
    db.$client.close()
    const answer = await browser.get(host, PAGE)
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
  })

  it('nothing that was asked is said again', async () => {
    const { visitor, host } = await siteWithMachine()
    const said = await visitor('slipway_machine=CANARY').get(`${host}<script>CANARY</script>?CANARY`, {
      ...PAGE,
      'x-own': 'CANARY',
    })
    expect(said.text).not.toContain('CANARY')
  })
})
