import { expect, it, test } from 'vitest'
import { type Actor, record } from '~/db/audit'
import { startSite } from './site'

const PAGE = '/admin/audit.csv'
const HEADER = 'time,action,what,target,detail,account,by,by_kind,address'

async function withEntries(...targets: string[]) {
  const site = await startSite()
  const by: Actor = { kind: 'user', id: site.admin.id, name: 'Ada', address: '192.0.2.9' }
  for (const target of targets) record(site.db, { action: 'api_token_created', by, target }, site.clock)
  return { ...site, browser: site.signedIn(site.admin) }
}

it('holds what the page shows, as a file with a header', async () => {
  const { browser, clock } = await withEntries('CI')
  const { status, headers, text } = await browser.get(PAGE)
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="slipway-audit.csv"',
    'cache-control': 'no-store',
  })
  const at = new Date(clock()).toISOString()
  expect(text).toBe(`${HEADER}\r\n${at},api_token_created,API token created,CI,,Ada,Ada,user,192.0.2.9\r\n`)
})

test.each([
  ['=HYPERLINK("http://evil.example")', `"'=HYPERLINK(""http://evil.example"")"`],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\rx', `"'\rx"`],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['1-1', '1-1'],
  ['Zoë’s ✓', 'Zoë’s ✓'],
])('what a spreadsheet might misread is sent as text: %j', async (target, field) => {
  const { browser } = await withEntries(target)
  expect((await browser.get(PAGE)).text).toContain(`,API token created,${field},,Ada,`)
})

it('holds every entry once, however many pages they take', async () => {
  const numbers = Array.from({ length: 2500 }, (_, n) => n)
  const { browser } = await withEntries(...numbers.map((n) => `N${n}`))
  const { text } = await browser.get(PAGE)
  const found = [...text.matchAll(/,N(\d+),/g)].map(([, n]) => Number(n))
  expect(found).toEqual(numbers.reverse())
})

it('has the filters of the page', async () => {
  const { browser, db, clock, member } = await withEntries('Ada’s')
  const by: Actor = { kind: 'user', id: member.id, name: 'Mo', address: null }
  record(db, { action: 'sign_out', by, target: 'Mo’s' }, clock)
  const targets = async (filter: string) => (await browser.get(`${PAGE}?${filter}`)).text.match(/Ada’s|Mo’s/g)
  expect(await targets('')).toEqual(['Mo’s', 'Ada’s'])
  expect(await targets(`userId=${member.id}`)).toEqual(['Mo’s'])
  expect(await targets('userId=Mo')).toEqual(['Mo’s'])
  expect((await browser.get(`${PAGE}?userId=Nobody`)).status).toBe(400)
  expect(await targets('action=api_token_created')).toEqual(['Ada’s'])
  expect(await targets('to=2001-01-01')).toBeNull()
  expect((await browser.get(`${PAGE}?from=yesterday`)).status).toBe(400)
})

it('is for administrators alone', async () => {
  const { visitor, signedIn, member } = await withEntries('CI')
  const refused = await signedIn(member).get(PAGE)
  expect([refused.status, refused.text]).toEqual([403, 'Only an administrator may do this.'])
  const signedOut = await visitor().get(PAGE)
  expect([signedOut.status, signedOut.headers.location, signedOut.text]).toEqual([302, '/sign-in', ''])
})
