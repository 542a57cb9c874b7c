import { describe, expect, it, onTestFinished, test } from 'vitest'
import { auditEntries, sessions, userIdentities, users } from '~/db/schema'
import { createUser } from '~/db/users'
import { CLIENT_ID, type Person, startOidcProvider } from '../fakes/oidc'
import { type Browser, openBrowser } from './browser'
import { ORIGIN, startSite } from './site'

const MO: Person = { sub: 'mo-1', email: 'Mo@example.org', email_verified: true, name: 'Mo at work' }
const REFUSED = '/sign-in/with/work'
const MINUTE_MS = 60_000

/** A site with one provider, `work`, and a user who has the address. */
async function startProviderSite(env: Record<string, string> = {}) {
  const provider = await startOidcProvider({
    redirectUri: `${ORIGIN}/sign-in/with/work/callback`,
    clientSecret: 'CANARYclient',
  })
  onTestFinished(provider.close)
  const site = await startSite({
    env: {
      OIDC_PROVIDERS: 'work',
      OIDC_WORK_ISSUER: provider.issuer,
      OIDC_WORK_CLIENT_ID: CLIENT_ID,
      OIDC_WORK_CLIENT_SECRET: 'CANARYclient',
      OIDC_WORK_LABEL: 'Example <Inc.>',
      ...env,
    },
  })
  const user = createUser(site.db, { name: 'Mo', email: 'mo@example.org', role: 'member' }, site.clock)

  /** @returns where the page leads to */
  async function begin(browser: Browser, fields: Record<string, string> = {}): Promise<URL> {
    const page = await browser.submit('/sign-in/with/work', fields)
    const [, url = ''] = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(page.text) ?? []
    return new URL(url.replaceAll('&amp;', '&'))
  }
  const signIn = async (browser: Browser, person: Person | undefined, fields?: Record<string, string>) => {
    const { pathname, search } = await provider.visit(await begin(browser, fields), person)
    return comeBack(browser, pathname + search)
  }
  /** To the callback, and on to the page of a refusal. */
  const comeBack = async (browser: Browser, callback: string) => {
    const answer = await browser.get(callback)
    return answer.headers.location === REFUSED ? browser.get(REFUSED) : answer
  }
  const sessionCount = () => site.db.select().from(sessions).all().length
  return { ...site, provider, user, begin, signIn, comeBack, sessionCount, open: () => openBrowser(site) }
}

it('a provider signs in the user who has its verified address, and by its own id from then on', async () => {
  const { db, user, open, signIn } = await startProviderSite()
  const browser = open()
  const answer = await signIn(browser, MO)
  expect([answer.status, answer.headers.location]).toEqual([302, '/machines'])
  expect([...browser.cookies.keys()]).toEqual(['slipway_session'])
  expect(db.select().from(userIdentities).all()).toMatchObject([{ subject: 'mo-1', userId: user.id }])

  const later = open()
  await signIn(later, { sub: 'mo-1', email: 'other@example.org', email_verified: false })
  expect(await later.isSignedIn()).toBe(true)
  expect(
    db
      .select()
      .from(sessions)
      .all()
      .map(({ userId }) => userId),
  ).toEqual([user.id, user.id])
  const entries = db.select().from(auditEntries).all()
  expect(entries.map(({ action, detail }) => [action, detail])).toContainEqual(['sign_in', 'Example <Inc.>'])
})

it('the sign-in page offers the provider, and leads there without a redirect that a form may not follow', async () => {
  const { open, begin, provider } = await startProviderSite()
  const browser = open()
  const page = await browser.get('/sign-in')
  expect(page.text).toContain('action="/sign-in/with/work"')
  expect(page.text).toContain('Example &lt;Inc.&gt;')
  expect((await browser.submit('/sign-in/with/work')).status).toBe(200)
  expect((await begin(browser)).origin).toBe(provider.issuer)
  expect((await browser.get('/sign-in/with/work')).text).toContain('href="/sign-in"')
})

test.each<[string, Person]>([
  ['unverified', { ...MO, email_verified: false }],
  ['not said to be verified', { sub: 'mo-1', email: 'mo@example.org' }],
  ['not there', { sub: 'mo-1' }],
])('an address that is %s signs nobody in', async (_what, person) => {
  const { db, open, signIn, sessionCount } = await startProviderSite({ SIGN_UP: 'open' })
  const before = db.select().from(users).all()
  const page = await signIn(open(), person)
  expect(page.text).toContain('did not give a verified e-mail address')
  expect(page.text).toContain('href="/sign-in"')
  expect(sessionCount()).toBe(0)
  expect(db.select().from(users).all()).toEqual(before)
})

test.each([
  ['invite', false],
  ['domain:example.org', true],
  ['domain:other.test', false],
  ['open', true],
])('with SIGN_UP=%s whoever the provider vouches for gets an account: %s', async (SIGN_UP, isAdmitted) => {
  const { db, open, signIn } = await startProviderSite({ SIGN_UP })
  const browser = open()
  const page = await signIn(browser, { ...MO, sub: 'new', email: 'new@example.org' })
  expect(await browser.isSignedIn()).toBe(isAdmitted)
  if (!isAdmitted) expect(page.text).toContain('Ask an administrator')
  const made = db
    .select()
    .from(users)
    .all()
    .filter(({ email }) => email === 'new@example.org')
  expect(made.map(({ role }) => role)).toEqual(isAdmitted ? ['member'] : [])
})

it('whoever was refused can come as somebody else: the provider is told to ask', async () => {
  const { open, begin, signIn } = await startProviderSite()
  const browser = open()
  expect((await begin(browser)).searchParams.get('prompt')).toBeNull()
  const refused = await signIn(browser, { ...MO, sub: 'eve', email: 'eve@example.org' })
  expect(refused.text).toContain('no account here')
  expect((await begin(browser)).searchParams.get('prompt')).toBe('login')
  expect((await signIn(browser, MO)).headers.location).toBe('/machines')
  expect([...browser.cookies.keys()]).toEqual(['slipway_session'])
})

it('signing in as somebody else ends the session that the browser had', async () => {
  const { open, signIn, visitor, sessionCount } = await startProviderSite({ SIGN_UP: 'open' })
  const browser = open()
  await signIn(browser, MO)
  const before = `slipway_session=${browser.cookies.get('slipway_session')}`
  await signIn(browser, { ...MO, sub: 'eve', email: 'eve@example.org' })
  expect((await visitor(before).query('account.me')).status).toBe(401)
  expect(sessionCount()).toBe(1)
})

it('a disabled user is not signed in', async () => {
  const { db, user, open, signIn, sessionCount } = await startProviderSite()
  db.$client.prepare('update users set disabled_at = 1 where id = ?').run(user.id)
  await signIn(open(), MO)
  expect(sessionCount()).toBe(0)
})

describe('what comes back from a provider signs in nobody', () => {
  it('in another browser, nor in one whose cookie has expired', async () => {
    const { provider, open, begin, comeBack, sessionCount } = await startProviderSite()
    const asking = open()
    const { pathname, search } = await provider.visit(await begin(asking), MO)
    for (const browser of [open(), asking]) {
      browser.cookies.delete('slipway_oidc')
      expect((await comeBack(browser, pathname + search)).text).toContain('Begin again')
    }
    expect(sessionCount()).toBe(0)
  })

  it('a second time', async () => {
    const { provider, open, begin, comeBack, sessionCount } = await startProviderSite()
    const browser = open()
    const { pathname, search } = await provider.visit(await begin(browser), MO)
    const cookie = browser.cookies.get('slipway_oidc') ?? ''
    await browser.get(pathname + search)
    const again = open()
    again.cookies.set('slipway_oidc', cookie)
    expect((await comeBack(again, pathname + search)).text).toContain('Begin again')
    expect(sessionCount()).toBe(1)
  })

  it('by HEAD', async () => {
    const { provider, open, begin, sessionCount } = await startProviderSite()
    const browser = open()
    const { pathname, search } = await provider.visit(await begin(browser), MO)
    const head = await browser.ask(pathname + search, { method: 'HEAD' })
    expect(head.status).toBe(405)
    expect(sessionCount()).toBe(0)
    await browser.get(pathname + search)
    expect(await browser.isSignedIn()).toBe(true)
  })

  it('when the person said no', async () => {
    const { open, signIn, sessionCount } = await startProviderSite()
    expect((await signIn(open(), undefined)).text).toContain('cancelled')
    expect(sessionCount()).toBe(0)
  })
})

describe('a refusal', () => {
  it('leaves nothing of the provider’s answer in the address, and is the same when the page is loaded again', async () => {
    const { open, begin, provider } = await startProviderSite()
    const browser = open()
    const { pathname, search } = await provider.visit(await begin(browser), undefined)
    const answer = await browser.get(pathname + search)
    expect([answer.status, answer.headers.location]).toEqual([302, REFUSED])
    for (const _ of [1, 2]) expect((await browser.get(REFUSED)).text).toContain('cancelled')
    expect((await open().get(REFUSED)).text).not.toContain('cancelled')
  })

  it('is told to the browser alone that was refused, and no address can put words there', async () => {
    const { open } = await startProviderSite()
    const page = await open().get(`${REFUSED}?refusal=planted&error_description=planted`)
    expect(page.text).toContain('You are not signed in')
    expect(page.text.replace(/<script.*?<\/script>/gs, '')).not.toContain('planted')
    const planted = open()
    planted.cookies.set('slipway_refusal', '%E0%A4%A')
    expect((await planted.get(REFUSED)).status).toBe(200)
  })
})

it('a provider that is down is said on a page, and the cookie is not left behind', async () => {
  const { provider, open } = await startProviderSite()
  provider.misbehave({ path: '/', how: 'drop' })
  const browser = open()
  const page = await browser.submit('/sign-in/with/work')
  expect(page.text).toContain('could not sign you in just now')
  expect(browser.cookies.size).toBe(0)
})

it('a provider that nobody has set up is refused', async () => {
  const { open } = await startProviderSite()
  expect((await open().submit('/sign-in/with/evil')).status).toBe(404)
  expect((await open().get('/sign-in/with/evil/callback?code=x&state=y')).status).toBe(404)
})

it('the way to the provider and back lasts 10 minutes', async () => {
  const { open } = await startProviderSite()
  const page = await open().submit('/sign-in/with/work')
  expect(page.headers['set-cookie']).toMatch(
    /^slipway_oidc=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
  )
})

describe('fault 69: after signing in', () => {
  it('the browser comes back to the page that it wanted', async () => {
    const { open, signIn } = await startProviderSite()
    const browser = open()
    const { headers } = await browser.get('/machines?sort=name')
    expect(headers.location).toBe('/sign-in?next=%2Fmachines%3Fsort%3Dname')
    const page = await browser.get(String(headers.location))
    const [, next = ''] = /name="next" value="([^"]*)"/.exec(page.text) ?? []
    const answer = await signIn(browser, MO, { next })
    expect(answer.headers.location).toBe('/machines?sort=name')
    expect([...browser.cookies.keys()]).toEqual(['slipway_session'])
  })

  test.each(['//evil.test', '/\\evil.test', 'javascript:alert(1)', '/%2f%2fevil.test', 'http://evil.test'])(
    'but never to %s, by form or by cookie',
    async (next) => {
      const { open, signIn, begin, provider, member, signedIn } = await startProviderSite()
      const page = await open().get(`/sign-in?${new URLSearchParams({ next })}`)
      expect(page.text).not.toContain('name="next"')
      expect((await signIn(open(), MO, { next })).headers.location).toBe('/machines')
      const planted = open()
      const { pathname, search } = await provider.visit(await begin(planted), MO)
      planted.cookies.set('slipway_next', encodeURIComponent(next))
      expect((await planted.get(pathname + search)).headers.location).toBe('/machines')
      const already = await signedIn(member).get(`/sign-in?${new URLSearchParams({ next })}`)
      expect(already.headers.location).toBe('/machines')
    },
  )
})

it('fault 65: signing in gives a session of its own, whatever cookie came along, and signing out ends it', async () => {
  const { open, signIn, clock, sessionCount } = await startProviderSite()
  const browser = open()
  browser.cookies.set('slipway_session', 'planted')
  await signIn(browser, MO)
  const first = browser.cookies.get('slipway_session') ?? ''
  expect(first).not.toBe('planted')
  clock.advance(MINUTE_MS)
  await signIn(browser, MO)
  expect(browser.cookies.get('slipway_session')).not.toBe(first)
  await browser.submit('/sign-out')
  expect(browser.cookies.size).toBe(0)
  expect(sessionCount()).toBe(0)
})
