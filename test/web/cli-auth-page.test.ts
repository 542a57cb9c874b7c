import { describe, expect, it, onTestFinished, test, vi } from 'vitest'
import { startDeviceGrant } from '~/db/device-grants'
import { deviceGrants } from '~/db/schema'
import { startSite } from './site'
import { dataOf, type Visitor } from './visitor'

const PAGE = '/cli-auth'
const MINUTE_MS = 60_000
const NO_LOGIN = 'No login waits for this code.'

/** A site where a program waits to be let in. */
async function waitingDevice(scopes: readonly string[] = ['write']) {
  const site = await startSite({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
  const { db, clock } = site
  const start = (address = '203.0.113.9') => {
    const asked = { clientId: 'runcomfy', protocol: 'runcomfy', deviceName: 'mo’s laptop', scopes } as const
    return startDeviceGrant(db, { ...asked, from: { address, userAgent: 'runcomfy/1.0 (Linux)' } }, clock)
  }
  const redeem = async (deviceCode: string) =>
    dataOf<{ state: string; token: string }>(
      await site.visitor().mutate('deviceGrants.redeem', { deviceCode, clientId: 'runcomfy' }),
    )
  return {
    ...site,
    start,
    redeem,
    statuses: () => db.select({ status: deviceGrants.status }).from(deviceGrants).all(),
    browser: site.signedIn(site.member),
  }
}

/** Enters a code. @returns the path of the question that it leads to */
async function enter(browser: Visitor, code: string): Promise<string> {
  const { status, headers } = await browser.submit(PAGE, { code })
  expect([status, headers.location]).toEqual([302, expect.stringMatching(/^\/cli-auth\/[a-z2-7]{16}$/)])
  return String(headers.location)
}

const heading = (text: string) => /<h1[^>]*>([^<]*)/.exec(text)?.[1]
const title = (text: string) => /<title>([^<]*)/.exec(text)?.[1]

it('a code leads to the question, and authorizing to a token', async () => {
  const { browser, start, redeem, visitor } = await waitingDevice()
  const { deviceCode, userCode } = start()
  const question = await enter(browser, ` ${userCode.toLowerCase().replace('-', ' – ')} `)
  const { text, headers } = await browser.get(question)
  for (const said of ['mo’s laptop', 'runcomfy on Linux', '203.0.113.9', 'just now?', '2026-04-01'])
    expect(text).toContain(said)
  expect(headers).toMatchObject({ 'cache-control': 'no-store' })
  expect((await redeem(deviceCode)).state).toBe('pending')
  expect((await browser.submit(question, { decision: 'approved' })).headers.location).toBe(question)
  expect(heading((await browser.get(question)).text)).toBe('Device authorized')
  const { token } = await redeem(deviceCode)
  const program = visitor(undefined, `Bearer ${token}`)
  expect((await program.query('machines.list')).status).toBe(200)
  expect((await browser.get('/profile')).text).toMatch(/mo’s laptop.*Command line/)
  expect((await browser.get('/profile/activity')).text).toMatch(/<tbody.*Device authorized.*mo’s laptop/)
})

it('a code is in no address, title or page after it was entered', async () => {
  const { browser, start } = await waitingDevice()
  const { userCode } = start()
  const question = await enter(browser, userCode)
  for (const path of [question, `${question}.data`, PAGE]) {
    const { text } = await browser.get(path)
    for (const part of [userCode, userCode.replace('-', ''), userCode.slice(0, 4)])
      expect([path, text.includes(part)]).toEqual([path, false])
  }
  expect(title((await browser.get(question)).text)).toBe('Let a device in? · Device login · Slipway')
})

it('whoever is signed out is sent to sign in, and back', async () => {
  const { visitor, start, browser } = await waitingDevice()
  const question = await enter(browser, start().userCode)
  const nobody = visitor()
  for (const path of [PAGE, question]) {
    const target = `/sign-in?next=${encodeURIComponent(path)}`
    expect((await nobody.get(path)).headers.location).toBe(target)
    expect((await nobody.submit(path, { decision: 'approved' })).headers.location).toBe(target)
  }
})

describe('fault 75: nothing in an address', () => {
  test.each(['code', 'user_code', 'userCode', 'verification_code'])(
    'fills in the code or authorizes: ?%s=',
    async (name) => {
      const { browser, start, statuses } = await waitingDevice()
      const { userCode } = start()
      for (const rest of ['', '&decision=approved']) {
        const { text, status } = await browser.get(`${PAGE}?${name}=${userCode}${rest}`)
        expect(status).toBe(200)
        expect(/<input[^>]*name="code"[^>]*>/.exec(text)?.[0]).not.toContain('value=')
        expect(/<form[^>]*action="([^"]*)"[^>]*class="flex flex-col/.exec(text)?.[1]).toBe(PAGE)
      }
      expect(statuses()).toEqual([{ status: 'pending' }])
    },
  )

  it('authorizes what was looked up', async () => {
    const { browser, start, statuses } = await waitingDevice()
    const question = await enter(browser, start().userCode)
    for (const path of [question, `${question}.data`])
      expect((await browser.get(`${path}?decision=approved`)).status).toBe(200)
    expect(statuses()).toEqual([{ status: 'pending' }])
  })

  it('from another site authorizes', async () => {
    const { browser, start, statuses } = await waitingDevice()
    const question = await enter(browser, start().userCode)
    const foreign = await browser.submit(question, { decision: 'approved' }, { origin: 'https://evil.test' })
    expect([foreign.status, statuses()]).toEqual([403, [{ status: 'pending' }]])
  })
})

describe('fault 73: a login is decided by nobody but who entered its code', () => {
  it('another user is told that there is none, by code and by id', async () => {
    const { browser, admin, signedIn, start, statuses } = await waitingDevice()
    const { userCode } = start()
    const question = await enter(browser, userCode)
    const other = signedIn(admin)
    expect((await other.submit(PAGE, { code: userCode })).text).toContain(NO_LOGIN)
    expect((await other.get(question)).status).toBe(404)
    for (const decision of ['approved', 'denied']) {
      const refused = await other.submit(question, { decision })
      expect([refused.status, refused.text.includes('laptop')]).toEqual([404, false])
    }
    expect(statuses()).toEqual([{ status: 'pending' }])
    expect(heading((await browser.get(question)).text)).toBe('Let this device in?')
  })

  it('nor is one whose code nobody has entered', async () => {
    const { admin, signedIn, start, db, statuses } = await waitingDevice()
    start()
    const [grant] = db.select({ id: deviceGrants.id }).from(deviceGrants).all()
    const path = `${PAGE}/${grant?.id}`
    expect((await signedIn(admin).get(path)).status).toBe(404)
    expect((await signedIn(admin).submit(path, { decision: 'approved' })).status).toBe(404)
    expect(statuses()).toEqual([{ status: 'pending' }])
  })
})

describe('the page says how a login stands', () => {
  test.each([
    [
      'authorized twice',
      ['approved', 'approved'],
      'Device authorized',
      'go back to the program that showed the code',
    ],
    ['denied after it was authorized', ['approved', 'denied'], 'Device denied', 'It gets nothing'],
    ['denied twice', ['denied', 'denied'], 'Device denied', 'It gets nothing'],
    ['authorized after it was denied', ['denied', 'approved'], 'Device denied', 'It gets nothing'],
    ['answered with something else', ['perhaps'], 'Device denied', 'It gets nothing'],
  ])('%s', async (_what, decisions, title, sentence) => {
    const { browser, start } = await waitingDevice()
    const question = await enter(browser, start().userCode)
    const answers = []
    for (const decision of decisions) answers.push(await browser.submit(question, { decision }))
    const last = answers.at(-1)
    const shown = last?.headers.location ? await browser.get(String(last.headers.location)) : last
    expect([heading(shown?.text ?? ''), shown?.text]).toEqual([title, expect.stringContaining(sentence)])
    expect(heading((await browser.get(question)).text)).toBe(title)
  })

  it('authorized, and may be taken back until the device has its token', async () => {
    const { browser, start, redeem } = await waitingDevice()
    const { deviceCode, userCode } = start()
    const question = await enter(browser, userCode)
    await browser.submit(question, { decision: 'approved' })
    const { text } = await browser.get(question)
    expect(text).toMatch(/<button[^>]*value="denied"[^>]*>Take it back</)
    expect(text).not.toContain('revoke its token')
    await redeem(deviceCode)
    const late = await browser.submit(question, { decision: 'denied' })
    expect([heading(late.text), late.text]).toEqual([
      'Device authorized',
      expect.stringContaining('It got its token before you denied it'),
    ])
    const after = (await browser.get(question)).text
    expect(after).toContain('You can revoke its token')
    expect(after).not.toContain('Take it back')
  })

  it('denied by itself because others kept entering its code, and not by its user', async () => {
    const { browser, admin, signedIn, start } = await waitingDevice()
    const { userCode } = start()
    const question = await enter(browser, userCode)
    for (let count = 0; count < 5; count++) await signedIn(admin).submit(PAGE, { code: userCode })
    expect((await browser.get(question)).text).toMatch(/Device denied.*others kept entering the code/)
    const denied = await enter(browser, start().userCode)
    await browser.submit(denied, { decision: 'denied' })
    expect((await browser.get(denied)).text).not.toContain('others kept entering')
  })

  it('too late, before and after the answer', async () => {
    const { browser, start, clock } = await waitingDevice()
    const question = await enter(browser, start().userCode)
    clock.advance(10 * MINUTE_MS)
    const late = await browser.submit(question, { decision: 'approved' })
    expect(heading(late.text)).toBe('Code expired')
    expect(heading((await browser.get(question)).text)).toBe('Code expired')
  })

  it('authorized, but never fetched by the device', async () => {
    const { browser, start, clock } = await waitingDevice()
    const question = await enter(browser, start().userCode)
    await browser.submit(question, { decision: 'approved' })
    clock.advance(10 * MINUTE_MS)
    expect(heading((await browser.get(question)).text)).toBe('Code expired')
  })
})

describe('where it was started', () => {
  const ELSEWHERE = 'Another address than this browser’s.'
  test.each([
    ['8.8.8.8', '8.8.4.4', true],
    ['2606:4700:1::1', '2606:4700:2::1', true],
    ['8.8.8.8', '8.8.8.8', false],
    ['2606:4700:1::1', '2606:4700:1::2', false],
    ['8.8.8.8', '2606:4700:1::1', false],
    ['10.0.0.1', '8.8.8.8', false],
    ['8.8.8.8', '10.0.0.1', false],
    ['127.0.0.1', '127.0.0.2', false],
  ])('%s is said to be another address than %s: %s', async (started, browsing, isSaid) => {
    const { browser, start } = await waitingDevice()
    const question = await enter(browser, start(started).userCode)
    const { text } = await browser.get(question, { 'x-forwarded-for': browsing })
    expect([text.includes(started), text.includes(ELSEWHERE)]).toEqual([true, isSaid])
    // Nothing there is a reason to trust it.
    expect(text).not.toMatch(/you are on|your network|That is right/)
  })
})

test.each([
  ['read', ['files and logs', 'your account']],
  ['write', ['delete machines with their files', 'make and delete saves', 'revoke API tokens']],
  ['machines:read', ['files and logs']],
  ['machines:write', ['delete them with their files', 'change files', 'make and delete saves']],
  ['account:write', ['revoke API tokens']],
])('whoever is asked for %s reads what that includes', async (scope, included) => {
  const { browser, start } = await waitingDevice([scope])
  const { text } = await browser.get(await enter(browser, start().userCode))
  for (const right of included) expect(text).toContain(right)
})

it('the same user may enter a code again, and comes to the same question', async () => {
  const { browser, start } = await waitingDevice()
  const { userCode } = start()
  expect(await enter(browser, userCode)).toBe(await enter(browser, userCode))
})

it('fault 72: after too many wrong codes the page says when to come back', async () => {
  // The limiter has no clock of its own.
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const { browser, start } = await waitingDevice()
  const { userCode } = start()
  for (let wrong = 0; wrong < 10; wrong++) {
    const { text } = await browser.submit(PAGE, { code: 'bbbb 2222' })
    expect(text).toContain(NO_LOGIN)
    // What was typed can be mended.
    expect(text).toContain('value="bbbb 2222"')
  }
  const limited = await browser.submit(PAGE, { code: userCode })
  expect([limited.status, limited.headers['retry-after']]).toEqual([429, '600'])
  expect(limited.text).toContain('Too many wrong codes. Try again in 10 minutes.')
})

describe('administration', () => {
  const SCOPES = ['write', 'admin:write']

  it('stands out, and an administrator may authorize it', async () => {
    const { admin, signedIn, start, redeem } = await waitingDevice(SCOPES)
    const { deviceCode, userCode } = start()
    const browser = signedIn(admin)
    const question = await enter(browser, userCode)
    expect((await browser.get(question)).text).toMatch(/Administer this server.*>Administration</)
    await browser.submit(question, { decision: 'approved' })
    expect((await redeem(deviceCode)).state).toBe('redeemed')
  })

  it('is nothing that a member could authorize, who is told so and may deny', async () => {
    const { browser, start, statuses } = await waitingDevice(SCOPES)
    const question = await enter(browser, start().userCode)
    const { text } = await browser.get(question)
    expect(text).toContain('Your account can’t authorize this')
    expect(text).not.toContain('value="approved"')
    const refused = await browser.submit(question, { decision: 'approved' })
    expect([heading(refused.text), statuses()]).toEqual(['Let this device in?', [{ status: 'pending' }]])
    await browser.submit(question, { decision: 'denied' })
    expect(statuses()).toEqual([{ status: 'denied' }])
  })
})

it('the profile says how to install the command, and where its code goes', async () => {
  const { browser, settings } = await waitingDevice()
  const { text } = await browser.get('/profile')
  expect(text).toContain(`npm i -g ${settings.publicUrl}/cli.tgz\nruncomfy login`)
  expect(text).toMatch(/href="\/cli-auth"[^>]*>Enter a code/)
})
