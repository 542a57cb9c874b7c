import { describe, expect, it, test } from 'vitest'
import { isWholeApiToken } from '~/db/api-token-format'
import { findApiToken } from '~/db/api-tokens'
import { auditEntries, userTokens } from '~/db/schema'
import { startSite } from './site'
import { type Answer, dataOf, refusalOf } from './visitor'

const DAY_MS = 24 * 60 * 60 * 1000
type Listed = { id: string; name: string; masked: string; state: string; expiresAt: string | null }

async function siteWithToken(input: object = {}) {
  const site = await startSite()
  const browser = site.signedIn(site.member)
  const created = await browser.mutate('apiTokens.create', { name: 'CI', scopes: ['read'], ...input })
  const { id, token } = dataOf<{ id: string; token: string }>(created)
  return { ...site, browser, id, token, program: site.visitor(undefined, `Bearer ${token}`) }
}

it('an API token is shown once, and afterwards only its start and its last four characters', async () => {
  const { browser, db, token, id } = await siteWithToken()
  expect(token).toMatch(/^slipway_api_[0-9A-Za-z]{36}$/)
  expect(isWholeApiToken(token)).toBe(true)
  const list = await browser.query('apiTokens.list')
  expect(list.text).not.toContain(token)
  expect(list.text).not.toContain(token.slice(20, 30))
  const [listed] = dataOf<Listed[]>(list)
  expect(listed).toMatchObject({ id, name: 'CI', type: 'api', scopes: ['read'], state: 'active' })
  expect(listed?.masked).toBe(`${token.slice(0, 16)}…${token.slice(-4)}`)
  expect(JSON.stringify(db.select().from(userTokens).all())).not.toContain(token.slice(20, 36))
})

it('an API token lasts 90 days unless another time was chosen, and never only when that was said', async () => {
  const { clock, browser, program, db, member } = await siteWithToken()
  clock.advance(90 * DAY_MS - 1)
  // The browser's own session is long over by then, a token is not held to it.
  expect((await program.query('account.me')).status).toBe(200)
  clock.advance(1)
  expect((await program.query('account.me')).status).toBe(401)
  expect((await browser.query('account.me')).status).toBe(401)
  const later = await startSite()
  const created = await later
    .signedIn(later.member)
    .mutate('apiTokens.create', { name: 'Robot', scopes: ['machines:read'], expiresInDays: null })
  later.clock.advance(5000 * DAY_MS)
  expect(findApiToken(later.db, dataOf<{ token: string }>(created).token, later.clock)).toBeDefined()
  expect(db.select().from(userTokens).all()).toMatchObject([{ userId: member.id, revokedAt: null }])
})

it('fault 62: revoking is immediate and final, and keeps the row', async () => {
  const { browser, program, id, db } = await siteWithToken()
  expect((await program.query('machines.list')).status).toBe(200)
  for (let again = 0; again < 2; again++)
    expect((await browser.mutate('apiTokens.revoke', { id })).status).toBe(200)
  const refused = await program.query('machines.list')
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="slipway"'])
  expect(dataOf<Listed[]>(await browser.query('apiTokens.list'))).toMatchObject([{ id, state: 'revoked' }])
  expect(
    db
      .select()
      .from(auditEntries)
      .all()
      .filter(({ action }) => action === 'api_token_revoked'),
  ).toHaveLength(1)
})

it('fault 62: a mistyped token is refused without a look at the database', async () => {
  const { db, token, visitor } = await siteWithToken()
  const typo = `${token.slice(0, 20)}${token[20] === 'a' ? 'b' : 'a'}${token.slice(21)}`
  db.$client.exec('drop table user_tokens')
  const answer = await visitor(undefined, `Bearer ${typo}`).query('account.me')
  expect([answer.status, refusalOf(answer).message]).toMatchObject([401, /no whole API token/])
  // The whole one does look, and finds the table gone.
  expect((await visitor(undefined, `Bearer ${token}`).query('account.me')).status).toBe(500)
})

describe('fault 63: no token is made', () => {
  const given = { name: 'CI', scopes: ['read'] }
  test.each([
    ['for a scope that there isn’t', { ...given, scopes: ['admin'] }, 'scopes'],
    ['without a scope', { ...given, scopes: [] }, 'scopes'],
    ['that has expired', { ...given, expiresInDays: -1 }, 'expiresInDays'],
    ['for no time', { ...given, expiresInDays: 0 }, 'expiresInDays'],
    ['for part of a day', { ...given, expiresInDays: 0.5 }, 'expiresInDays'],
    ['for eleven years', { ...given, expiresInDays: 4000 }, 'expiresInDays'],
    ['with a name of 10 kB', { ...given, name: 'x'.repeat(10_000) }, 'name'],
    ['without a name', { ...given, name: ' ' }, 'name'],
    ['with a name that holds a line end', { ...given, name: 'a\nb' }, 'name'],
  ])('%s', async (_why, input, field) => {
    const { member, signedIn, db } = await startSite()
    const answer = await signedIn(member).mutate('apiTokens.create', input)
    expect([answer.status, refusalOf(answer).data.field?.split('.')[0]]).toEqual([400, field])
    expect(db.select().from(userTokens).all()).toEqual([])
  })

  it('for somebody else, whatever the input says', async () => {
    const { admin, member, signedIn, db } = await startSite()
    const input = { ...given, userId: admin.id, tokenType: 'cli', type: 'cli', id: 'chosen' }
    expect((await signedIn(member).mutate('apiTokens.create', input)).status).toBe(200)
    const [row] = db.select().from(userTokens).all()
    expect(row).toMatchObject({ userId: member.id, tokenType: 'api' })
    expect(row?.id).not.toBe('chosen')
  })

  it('by a token, however much it may do', async () => {
    const { member, withApiToken, db } = await startSite()
    const { visitor } = withApiToken(member, ['write'])
    expect((await visitor.mutate('apiTokens.create', given)).status).toBe(403)
    expect(db.select().from(userTokens).all()).toHaveLength(1)
  })
})

it('a program with a token needs neither a cookie nor an Origin to change something', async () => {
  const { member, withApiToken, jobs } = await startSite({ env: { ALLOW_UNISOLATED: '1' } })
  const { visitor } = withApiToken(member, ['machines:write'])
  expect((await visitor.mutate('machines.launch', { name: 'Scripted' })).status).toBe(200)
  expect(jobs).toHaveLength(1)
})

it('next to an API token a cookie counts for nothing', async () => {
  const { admin, member, signedIn, visitor, withApiToken } = await startSite()
  const { cookie } = signedIn(admin)
  const { token } = withApiToken(member, ['read'])
  const both = visitor(cookie, `Bearer ${token}`)
  expect(dataOf<{ id: string }>(await both.query('account.me')).id).toBe(member.id)
  expect((await both.query('admin.failedLaunches')).status).toBe(403)
  const withWrong = visitor(cookie, 'Bearer slipway_api_nonsense')
  expect((await withWrong.query('account.me')).status).toBe(401)
})

it('credentials of another scheme, as of a proxy in front, neither sign in nor lift the check of the origin', async () => {
  const { admin, signedIn, visitor } = await startSite()
  const { cookie } = signedIn(admin)
  const headers = { authorization: 'Basic YTpi' }
  expect((await visitor(cookie).query('account.me', undefined, headers)).status).toBe(200)
  const foreign = { ...headers, origin: 'http://evil.test' }
  expect((await visitor(cookie).mutate('account.signOut', {}, foreign)).status).toBe(403)
})

it('pages are for browsers: an API token opens none', async () => {
  const { admin, withApiToken } = await startSite()
  const isClosed = ({ status, headers }: Answer) => status === 302 && headers.location?.includes('/sign-in')
  for (const path of ['/machines', '/profile', '/admin/failed-launches'])
    expect([path, isClosed(await withApiToken(admin, ['write']).visitor.get(path))]).toEqual([path, true])
})
