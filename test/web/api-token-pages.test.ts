import { describe, expect, it, test } from 'vitest'
import { API_TOKEN_PATTERN } from '~/db/api-token-format'
import { listApiTokens } from '~/db/api-tokens'
import { startSite } from './site'

const NEW = '/profile/api-tokens/new'
const FORM = { name: 'Render farm', access: 'read', expiry: '90', idempotencyKey: 'one form' }
const tokenIn = (text: string) => new RegExp(API_TOKEN_PATTERN).exec(text)?.[0]

async function signedInMember() {
  const site = await startSite()
  const browser = site.signedIn(site.member)
  const bearer = (token = '') =>
    site.visitor().query('machines.list', undefined, { authorization: `Bearer ${token}` })
  return { ...site, browser, bearer, tokens: () => listApiTokens(site.db, site.member.id) }
}

it('a token is shown in the answer that makes it, and nowhere again', async () => {
  const { browser, bearer, tokens } = await signedInMember()
  const made = await browser.submit(NEW, FORM)
  const token = tokenIn(made.text)
  expect((await bearer(token)).status).toBe(200)
  expect(made.headers).toMatchObject({ 'cache-control': 'no-store' })
  expect(JSON.stringify(made.headers)).not.toContain(token)
  for (const path of [NEW, `${NEW}.data`, '/profile', '/profile.data', '/profile/activity']) {
    const { status, text } = await browser.get(path)
    expect([path, status, tokenIn(text)]).toEqual([path, 200, undefined])
  }
  expect((await browser.get('/profile')).text).toContain(`${token?.slice(0, 16)}…${token?.slice(-4)}`)
  expect(tokens()).toHaveLength(1)
})

test.each([
  ['90', '2026-04-01'],
  ['never', 'never'],
])('the page that shows a token, and its row, say when it expires: %s', async (expiry, said) => {
  const { browser } = await signedInMember()
  const when = (text: string) => />Expires<\/dt><dd[^>]*>(?:<time[^>]*>)?([\w-]+)</.exec(text)?.[1]
  expect(when((await browser.submit(NEW, { ...FORM, expiry })).text)).toBe(said)
  expect(when((await browser.get('/profile')).text)).toBe(said)
})

it('the same form sent again makes no second token, and says so', async () => {
  const { browser, tokens } = await signedInMember()
  await browser.submit(NEW, FORM)
  for (const path of [NEW, `${NEW}.data`]) {
    const again = await browser.submit(path, FORM)
    expect(again.text).toContain('This form has made its token already')
    expect(tokenIn(again.text)).toBeUndefined()
  }
  expect(tokens()).toHaveLength(1)
})

describe('the form asks for what was chosen', () => {
  test.each([
    ['all to read', { access: 'read' }, 'read'],
    ['all to write', { access: 'write' }, 'write'],
    [
      'area by area, the areas without a choice left out',
      { access: 'fine', 'scope:account': '', 'scope:machines': 'write', 'scope:models': 'read' },
      'machines:write models:read',
    ],
    ['all to read, though areas were chosen before', { access: 'read', 'scope:machines': 'write' }, 'read'],
  ])('%s', async (_what, chosen, scopes) => {
    const { browser, tokens } = await signedInMember()
    await browser.submit(NEW, { ...FORM, ...chosen })
    expect(tokens().map((token) => token.scopes)).toEqual([scopes])
  })

  test('an expiry in days, on a day, or never', async () => {
    const { browser, tokens } = await signedInMember()
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    for (const [expiry, date] of [
      ['365', ''],
      ['date', day(12)],
      ['never', day(12)],
    ] as const)
      await browser.submit(NEW, { ...FORM, idempotencyKey: expiry, expiry, date })
    const lives = tokens().map(
      ({ createdAt, expiresAt }) => expiresAt && (expiresAt - createdAt) / 86_400_000,
    )
    expect(lives.sort()).toEqual([12, 365, null])
  })
})

describe('a form that can’t be is refused beside the field, with what was typed', () => {
  test.each([
    ['no name', { name: ' ' }, 'Is empty; type a name'],
    ['a name without end', { name: 'n'.repeat(10_000) }, 'Has more than 60 characters'],
    ['no scope', { access: 'fine' }, 'Holds none; choose what the token may do'],
    ['a scope that there is not', { access: 'admin' }, 'Must be some of read, write'],
    ['a day that is over', { expiry: 'date', date: '2020-01-01' }, 'Must be at least a day'],
    ['no day', { expiry: 'date', date: '' }, 'Must be a number of days'],
    ['a day that is too far off', { expiry: 'date', date: '9999-01-01' }, 'Must be at most 3650 days'],
  ])('%s', async (_what, wrong, message) => {
    const { browser, tokens } = await signedInMember()
    const { text } = await browser.submit(NEW, { ...FORM, ...wrong })
    expect(text).toContain(message)
    if (!('name' in wrong)) expect(text).toContain('value="Render farm"')
    expect(tokens()).toEqual([])
  })
})

it('a token that is revoked on its page opens nothing from then on, and its row stays', async () => {
  const { browser, bearer, tokens } = await signedInMember()
  const token = tokenIn((await browser.submit(NEW, FORM)).text)
  const id = tokens()[0]?.id ?? ''
  const revoke = `/profile/api-tokens/${id}/revoke`
  expect((await browser.get(revoke)).headers.location).toBe('/profile')
  expect((await browser.get(`/profile?revoked=${id}`)).text).not.toContain('is revoked')
  expect((await bearer(token)).status).toBe(200)
  const { headers } = await browser.submit(revoke)
  expect((await bearer(token)).status).toBe(401)
  const page = await browser.get(String(headers.location))
  expect(page.text).toContain('is revoked. It opens nothing any more.')
  expect(tokens()).toMatchObject([{ id, name: 'Render farm', revokedAt: expect.any(Number) }])
})

it('another user’s token is on nobody else’s page, and can’t be revoked there', async () => {
  const { browser, bearer, tokens, signedIn, admin } = await signedInMember()
  const token = tokenIn((await browser.submit(NEW, FORM)).text)
  const other = signedIn(admin)
  expect((await other.get('/profile')).text).not.toContain('Render farm')
  expect((await other.submit(`/profile/api-tokens/${tokens()[0]?.id}/revoke`)).status).toBe(404)
  expect((await bearer(token)).status).toBe(200)
})

it('a name that is changed on the profile is the account’s, and a faulty one is refused', async () => {
  const { browser } = await signedInMember()
  const refused = await browser.submit('/profile/name', { name: 'a\u0000b' })
  expect(refused.text).toContain('Holds control characters; type it again')
  expect((await browser.submit('/profile/name', { name: 'Moritz' })).headers.location).toBe('/profile')
  expect((await browser.get('/profile')).text).toContain('Moritz')
})
