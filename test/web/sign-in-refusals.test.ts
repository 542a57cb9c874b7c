import { describe, expect, it, onTestFinished, test } from 'vitest'
import { listAuditEntries } from '~/db/audit'
import { createMailLink, createTerminalLink, lookAtLink } from '~/db/sign-in-links'
import { createUser, disableUser } from '~/db/users'
import { CLIENT_ID, type Person, startOidcProvider } from '../fakes/oidc'
import { SOMEBODY, SOMEWHERE } from '../support/actors'
import { openBrowser } from './browser'
import { ORIGIN, startSite } from './site'

const EMAIL = 'mo@example.org'
const MINUTE_MS = 60_000
const VISITOR = { actorKind: 'visitor', actorId: null, actorName: 'Somebody', address: '127.0.0.1' }

async function startAudited(env: Record<string, string> = {}) {
  const site = await startSite({ env })
  const { db, clock } = site
  const user = createUser(db, { name: 'Mo', email: EMAIL, role: 'member' }, clock)
  const refused = () => listAuditEntries(db, { action: 'sign_in_refused' }, { limit: 100 })
  function askForLink(email: string) {
    const { secret, browserSecret } = createMailLink(db, { email, from: SOMEWHERE }, clock)
    const view = lookAtLink(db, secret, undefined, clock)
    return {
      ...{ secret, browserSecret, code: view.state === 'elsewhere' ? view.code : '' },
      path: `/sign-in/${secret}`,
      browser: site.visitor(`slipway_sign_in=${browserSecret}`),
    }
  }
  return { ...site, user, refused, askForLink }
}
type Audited = Awaited<ReturnType<typeof startAudited>>
type Link = ReturnType<Audited['askForLink']>

describe('fault 101: a refused sign-in is written down, with from where, whose account and why:', () => {
  test.each<[string, string, (site: Audited, link: Link) => Promise<unknown>]>([
    [
      'a link that was used',
      'already used',
      async (_site, { browser, path }) => [await browser.submit(path), await browser.submit(path)],
    ],
    [
      'a link that has expired',
      'expired',
      ({ clock }, { browser, path }) => {
        clock.advance(10 * MINUTE_MS)
        return browser.submit(path)
      },
    ],
    [
      'a link in another browser',
      'used in another browser than the one that asked',
      ({ visitor }, { path }) => visitor().submit(path),
    ],
    [
      'a wrong code',
      'a wrong code',
      (_site, { browser, code }) =>
        browser.submit('/sign-in/sent', { code: code === '000000' ? '000001' : '000000' }),
    ],
    [
      'the right code of a link that was used',
      'already used',
      async (_site, { browser, path, code }) => [
        await browser.submit(path),
        await browser.submit('/sign-in/sent', { code }),
      ],
    ],
    [
      'a link to an account that was disabled',
      'the account is disabled',
      ({ db, user, clock }, { browser, path }) => {
        disableUser(db, user.id, SOMEBODY, clock)
        return browser.submit(path)
      },
    ],
  ])('%s', async (_what, why, attempt) => {
    const site = await startAudited()
    const link = site.askForLink(EMAIL)
    await attempt(site, link)
    expect(site.refused()).toMatchObject([
      { ...VISITOR, subjectId: site.user.id, subjectName: 'Mo', detail: `Link by mail: ${why}` },
    ])
    for (const secret of [link.secret, link.browserSecret, link.code])
      expect(JSON.stringify(site.refused())).not.toContain(secret)
  })

  it('each of five wrong codes, and what is tried with the link that they ended', async () => {
    const { askForLink, refused } = await startAudited()
    const { browser, path, code } = askForLink(EMAIL)
    for (let n = 0; n < 5; n++)
      await browser.submit('/sign-in/sent', { code: code === '000000' ? '000001' : '000000' })
    await browser.submit(path)
    expect(refused().map(({ detail }) => detail)).toEqual([
      'Link by mail: too many wrong codes',
      ...Array(5).fill('Link by mail: a wrong code'),
    ])
  })

  it('a link to an address that has no account, once it is proven', async () => {
    const { askForLink, refused, visitor } = await startAudited()
    const { browser, path } = askForLink('new@example.org')
    await visitor().submit(path)
    await browser.submit(path)
    expect(refused()).toMatchObject([
      { subjectId: null, target: 'new@example.org', detail: 'Link by mail: no account' },
      { subjectId: null, target: null, detail: expect.stringContaining('another browser') },
    ])
  })

  it('a used link of the terminal', async () => {
    const { db, clock, visitor, refused } = await startAudited()
    const path = `/sign-in/${createTerminalLink(db, clock)}`
    for (let n = 0; n < 2; n++) await visitor().submit(path)
    expect(refused()).toMatchObject([
      { ...VISITOR, subjectId: null, detail: 'Link of the server’s terminal: already used' },
    ])
  })
})

it('fault 101: the account’s owner reads of a refused sign-in, with the address that it came from', async () => {
  const { askForLink, visitor, signedIn, user } = await startAudited()
  await visitor().submit(askForLink(EMAIL).path)
  const page = await signedIn(user).get('/profile/activity')
  expect(page.text).toContain('Sign-in refused')
  expect(page.text).toContain('127.0.0.1')
})

it('guesses that name nothing fill no log', async () => {
  const { visitor, refused } = await startAudited()
  await visitor().submit(`/sign-in/${'x'.repeat(43)}`)
  await visitor().submit('/sign-in/sent', { code: '123456' })
  await visitor('slipway_sign_in=x').submit('/sign-in/sent', { code: '123456' })
  await visitor().get('/sign-in/with/none/callback?code=x&state=y')
  expect(refused()).toEqual([])
})

it('fault 101: making a link at the terminal is written down, without the link', async () => {
  const { db, clock } = await startAudited()
  const secret = createTerminalLink(db, clock)
  const entries = listAuditEntries(db, {}, { limit: 9 })
  expect(entries).toMatchObject([{ action: 'sign_in_link_made', actorKind: 'operator', address: null }])
  expect(JSON.stringify(entries)).not.toContain(secret)
})

describe('fault 101: a refused sign-in with a provider is written down:', () => {
  const MO: Person = { sub: 'mo-1', email: EMAIL, email_verified: true }

  async function startProviderSite() {
    const provider = await startOidcProvider({ redirectUri: `${ORIGIN}/sign-in/with/work/callback` })
    onTestFinished(provider.close)
    const site = await startAudited({
      OIDC_PROVIDERS: 'work',
      OIDC_WORK_ISSUER: provider.issuer,
      OIDC_WORK_CLIENT_ID: CLIENT_ID,
      OIDC_WORK_LABEL: 'Work',
    })
    const browser = openBrowser(site)
    async function signIn(person: Person | undefined) {
      const { text } = await browser.submit('/sign-in/with/work')
      const [, url = ''] = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(text) ?? []
      const { pathname, search } = await provider.visit(new URL(url.replaceAll('&amp;', '&')), person)
      return browser.get(pathname + search)
    }
    return { ...site, provider, browser, signIn }
  }

  test.each<[string, Person | undefined, object]>([
    [
      'of an address that nobody verified',
      { sub: 'x', email: EMAIL },
      { detail: 'Work: no verified e-mail address' },
    ],
    [
      'of somebody without an account',
      { ...MO, sub: 'new', email: 'new@example.org' },
      { detail: 'Work: no account', target: 'new@example.org' },
    ],
    ['that the person cancelled there', undefined, { detail: 'Work: cancelled there, or refused by it' }],
  ])('%s', async (_what, person, entry) => {
    const { signIn, refused } = await startProviderSite()
    await signIn(person)
    expect(refused()).toMatchObject([{ ...VISITOR, subjectId: null, ...entry }])
  })

  it('of a disabled account, whether its address or its identity is known', async () => {
    const { db, clock, user, signIn, refused } = await startProviderSite()
    await signIn(MO)
    disableUser(db, user.id, SOMEBODY, clock)
    await signIn(MO)
    await signIn({ ...MO, sub: 'another' })
    const entry = { ...VISITOR, subjectId: user.id, detail: 'Work: the account is disabled' }
    expect(refused()).toMatchObject([entry, entry])
  })

  it('with an answer that was not made for this browser', async () => {
    const { browser, refused } = await startProviderSite()
    await browser.submit('/sign-in/with/work')
    await browser.get('/sign-in/with/work/callback?code=CANARYcode&state=CANARYstate')
    expect(refused()).toMatchObject([{ detail: 'Work: begun elsewhere, already used, or too late' }])
    expect(JSON.stringify(refused())).not.toContain('CANARY')
  })

  it('but not that it is down', async () => {
    const { browser, provider, refused, signIn } = await startProviderSite()
    await signIn(MO)
    await browser.submit('/sign-out')
    provider.misbehave({ path: '/token', how: 500 })
    await signIn(MO)
    expect((await browser.get('/sign-in/with/work')).text).toContain('could not sign you in just now')
    expect(refused()).toEqual([])
  })
})
