import { describe, expect, it, onTestFinished, test, vi } from 'vitest'
import { sessions, signInLinks } from '~/db/schema'
import { createUser } from '~/db/users'
import { startMailServer } from '../fakes/mail'
import { until } from '../support/until'
import { type Browser, openBrowser } from './browser'
import { ORIGIN, startSite } from './site'

const MINUTE_MS = 60_000
const ADDRESS = 'mo@example.org'

/** A site with a mail server, on which somebody has the address. */
async function startMailSite(env: Record<string, string> = {}) {
  const server = await startMailServer()
  onTestFinished(server.close)
  const mail = { SMTP_URL: server.url, MAIL_FROM: 'Slipway <slipway@example.org>' }
  const site = await startSite({ env: { ...mail, ...env } })
  const user = createUser(site.db, { name: 'Mo', email: ADDRESS, role: 'member' }, site.clock)
  const open = () => openBrowser(site)

  /** Asks for a link and waits for its mail. @returns the path of the link */
  async function askForLink(browser: Browser, headers: Record<string, string> = {}): Promise<string> {
    const known = server.mails.length
    const answer = await browser.submit('/sign-in?index', { email: ADDRESS }, headers)
    expect([answer.status, answer.headers.location]).toEqual([302, '/sign-in/sent'])
    const mails = await until('the mail came', () => (server.mails.length > known ? server.mails : undefined))
    const [link = ''] = /http\S+/.exec(mails.at(-1)?.text ?? '') ?? []
    expect(link).toMatch(new RegExp(`^${ORIGIN}/sign-in/[\\w-]{43}$`))
    return new URL(link).pathname
  }
  const sessionCount = () => site.db.select().from(sessions).all().length
  return { ...site, server, user, open, askForLink, sessionCount }
}

const codeIn = (page: string) => /\b(\d{3})(?:<!-- -->)? (?:<!-- -->)?(\d{3})\b/.exec(page)?.slice(1).join('')

it('a link that is opened where it was asked for signs in whom it was mailed to', async () => {
  const { server, open, askForLink } = await startMailSite()
  const browser = open()
  const link = await askForLink(browser)
  expect(server.mails.map(({ to }) => to)).toEqual([[ADDRESS]])
  expect((await browser.get(link)).text).toContain(ADDRESS)
  const answer = await browser.submit(link)
  expect([answer.status, answer.headers.location]).toEqual([302, '/machines'])
  expect((await browser.get('/machines')).text).toContain('Mo')
  expect([...browser.cookies.keys()]).toEqual(['slipway_session'])
})

describe('fault 66: a sign-in link', () => {
  it('signs in once', async () => {
    const { open, askForLink, sessionCount } = await startMailSite()
    const browser = open()
    const link = await askForLink(browser)
    await browser.submit(link)
    browser.cookies.delete('slipway_session')
    const again = await browser.submit(link)
    expect(again.headers['set-cookie']).toBeUndefined()
    expect(again.text).toContain('already used')
    expect(sessionCount()).toBe(1)
  })

  it('signs in for 10 minutes, and says afterwards how to get another', async () => {
    const { clock, open, askForLink, sessionCount } = await startMailSite()
    const browser = open()
    const link = await askForLink(browser)
    clock.advance(10 * MINUTE_MS - 1)
    expect((await browser.get(link)).text).toContain('<button')
    clock.advance(1)
    const page = await browser.get(link)
    expect(page.text).toContain('This link no longer works')
    expect(page.text).toContain('href="/sign-in"')
    await browser.submit(link)
    expect(sessionCount()).toBe(0)
  })

  it('dies when a newer one is asked for, wherever that was', async () => {
    const { open, askForLink, sessionCount } = await startMailSite()
    const [first, second] = [open(), open()]
    const older = await askForLink(first)
    const newer = await askForLink(second)
    await first.submit(older)
    expect(sessionCount()).toBe(0)
    await second.submit(newer)
    expect(await second.isSignedIn()).toBe(true)
  })

  it('shows a code in another browser and signs in neither there nor by being looked at', async () => {
    const { db, open, askForLink, sessionCount } = await startMailSite()
    const [asking, other] = [open(), open()]
    const link = await askForLink(asking, {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    })
    const before = db.select().from(signInLinks).all()
    const page = await other.get(link)
    expect(codeIn(page.text)).toMatch(/^\d{6}$/)
    expect(page.text).toContain('Firefox on Linux')
    expect(page.text).toContain('127.0.0.1')
    expect(page.text).toMatch(/close this page/)
    expect(page.text).not.toContain('<button')
    expect(page.headers['set-cookie']).toBeUndefined()
    expect(db.select().from(signInLinks).all()).toEqual(before)

    const posted = await other.submit(link)
    expect(posted.headers['set-cookie']).toBeUndefined()
    expect(posted.text).toContain('another browser')
    expect(sessionCount()).toBe(0)
  })

  it('signs in by its code in the browser that asked, and in no other', async () => {
    const { open, askForLink, sessionCount } = await startMailSite()
    const [asking, other] = [open(), open()]
    const code = codeIn((await other.get(await askForLink(asking))).text) ?? ''
    const refused = await other.submit('/sign-in/sent', { code })
    expect(refused.headers['set-cookie']).toBeUndefined()
    const answer = await asking.submit('/sign-in/sent', { code: ` ${code.slice(0, 3)}-${code.slice(3)} ` })
    expect([answer.status, answer.headers.location]).toEqual([302, '/machines'])
    expect(await asking.isSignedIn()).toBe(true)
    expect(sessionCount()).toBe(1)
  })

  it('ends after five wrong codes', async () => {
    const { open, askForLink, sessionCount } = await startMailSite()
    const [asking, other] = [open(), open()]
    const link = await askForLink(asking)
    const code = codeIn((await other.get(link)).text) ?? ''
    const wrong = code === '000000' ? '000001' : '000000'
    for (let tries = 1; tries < 5; tries++)
      expect((await asking.submit('/sign-in/sent', { code: wrong })).text).toContain('not the code')
    await asking.submit('/sign-in/sent', { code: wrong })
    await asking.submit('/sign-in/sent', { code })
    await asking.submit(link)
    expect(sessionCount()).toBe(0)
  })

  test.each(['HEAD', 'GET'] as const)(
    'is not used up by a scanner’s %s, with or without cookies',
    async (method) => {
      const { db, open, askForLink, sessionCount } = await startMailSite()
      const asking = open()
      const link = await askForLink(asking)
      const before = db.select().from(signInLinks).all()
      for (const browser of [asking, open()])
        for (const target of [
          link,
          `${link}.data`,
          `/trpc/account.signIn?input={"token":"${link.slice(9)}"}`,
        ])
          expect((await browser.ask(target, { method })).headers['set-cookie']).toBeUndefined()
      expect(db.select().from(signInLinks).all()).toEqual(before)
      expect(sessionCount()).toBe(0)
      await asking.submit(link)
      expect(await asking.isSignedIn()).toBe(true)
    },
  )
})

it('fault 67: 20 uses of a link and of its code at once make one session', async () => {
  const { open, askForLink, sessionCount, visitor } = await startMailSite()
  const asking = open()
  const link = await askForLink(asking)
  const code = codeIn((await open().get(link)).text) ?? ''
  const inBrowser = visitor(`slipway_sign_in=${asking.cookies.get('slipway_sign_in')}`)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2 ? inBrowser.submit(link) : inBrowser.submit('/sign-in/sent', { code }),
    ),
  )
  expect(answers.filter(({ status }) => status === 302)).toHaveLength(1)
  expect(sessionCount()).toBe(1)
})

describe('fault 68: the link in a mail leads to PUBLIC_URL', () => {
  test.each<Record<string, string>>([
    { 'x-forwarded-host': 'evil.test' },
    { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
    { forwarded: 'host=evil.test;proto=https' },
    { 'x-original-host': 'evil.test', 'x-host': 'evil.test', referer: `${ORIGIN}/@evil.test` },
  ])('whatever a request says: %j', async (headers) => {
    const { server, open, askForLink } = await startMailSite()
    await askForLink(open(), headers)
    expect(server.mails[0]?.raw).not.toContain('evil')
  })

  it('and a request for another host gets no mail sent', async () => {
    const { server, db, open } = await startMailSite()
    const answer = await open().submit('/sign-in?index', { email: ADDRESS }, { host: 'evil.test' })
    expect(answer.status).toBe(421)
    expect(db.select().from(signInLinks).all()).toEqual([])
    expect(server.connections()).toBe(0)
  })
})

describe('fault 70: asking for a link tells nobody which addresses have an account', () => {
  /** All of an answer that could differ. */
  const seen = ({ status, headers, text }: Awaited<ReturnType<Browser['get']>>) => ({
    status,
    text,
    headers: {
      ...headers,
      date: undefined,
      'x-request-id': undefined,
      'content-security-policy': undefined,
      'set-cookie': String(headers['set-cookie']).replace(/=[\w-]{43};/, '=…;'),
    },
  })

  it('the answers are the same for a known, an unknown and a disabled one', async () => {
    const { server, db, clock, open, askForLink } = await startMailSite()
    const shut = createUser(db, { name: 'Eve', email: 'eve@example.org', role: 'member' }, clock)
    db.$client.prepare('update users set disabled_at = 1 where id = ?').run(shut.id)
    const answers = []
    for (const email of ['nobody@example.org', 'eve@example.org', ADDRESS])
      for (const target of ['/sign-in?index', '/sign-in.data?index'])
        answers.push(seen(await open().submit(target, { email })))
    for (const [n, answer] of answers.entries()) expect(answer).toEqual(answers[n % 2])
    expect(answers[0]?.headers['set-cookie']).toContain('slipway_sign_in=…;')

    await askForLink(open())
    expect(new Set(server.mails.flatMap(({ to }) => to))).toEqual(new Set([ADDRESS]))
  })

  it('the answer waits for no mail server', async () => {
    const { server, open } = await startMailSite()
    server.misbehave('hang')
    const answer = await open().submit('/sign-in?index', { email: ADDRESS })
    expect(answer.headers.location).toBe('/sign-in/sent')
    await until('the mail server was asked', () => server.connections() === 1)
    expect(server.mails).toEqual([])
  })

  it('a code for an address without an account is refused as a wrong one is', async () => {
    const { open, sessionCount } = await startMailSite()
    const [known, unknown] = [open(), open()]
    await known.submit('/sign-in?index', { email: ADDRESS })
    await unknown.submit('/sign-in?index', { email: 'nobody@example.org' })
    const [first, second] = await Promise.all(
      [known, unknown].map((browser) => browser.submit('/sign-in/sent', { code: '12345' })),
    )
    expect(/role="alert"[^>]*>([^<]*)/.exec(first?.text ?? '')?.[1]).toMatch(/not the code/)
    expect(/role="alert"[^>]*>([^<]*)/.exec(second?.text ?? '')?.[1]).toMatch(/not the code/)
    expect(sessionCount()).toBe(0)
  })
})

describe('without a mail server', () => {
  it('the page says so, and the link is printed and signs in', async () => {
    const site = await startSite()
    createUser(site.db, { name: 'Mo', email: ADDRESS, role: 'member' }, site.clock)
    const printed: string[] = []
    const write = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => printed.push(String(text)) > 0)
    onTestFinished(() => write.mockRestore())
    const browser = openBrowser(site)
    expect((await browser.get('/sign-in')).text).toMatch(/sends no mail: the link appears in its output/)
    await browser.submit('/sign-in?index', { email: ADDRESS })
    expect((await browser.get('/sign-in/sent')).text).toContain('server’s output')
    const line = await until('the link is printed', () =>
      printed.find((text) => text.startsWith('Sign in as')),
    )
    expect(line).toMatch(/^Sign in as mo@example\.org: http:\/\/slipway\.test:3000\/sign-in\/[\w-]{43}\n$/)
    await browser.submit(new URL(line.split(' ').at(-1)?.trim() ?? '').pathname)
    expect(await browser.isSignedIn()).toBe(true)
    expect(site.logged.join()).not.toContain('/sign-in/')
  })
})

it('a mail that cannot be sent is logged without its link', async () => {
  const { server, open, logged } = await startMailSite()
  server.misbehave({ refuse: 554 })
  await open().submit('/sign-in?index', { email: ADDRESS })
  await until('the failure is logged', () => logged.some((line) => line.includes('"responseCode":554')))
  expect(logged.join()).not.toMatch(/sign-in\/[\w-]{43}/)
})

test.each(['', 'mo', 'mo@', 'mo@example.org, eve@example.org', 'mo@example.org\r\nBcc: eve@example.org'])(
  'for %j no link is made, and the field says why',
  async (email) => {
    const { db, open } = await startMailSite()
    const answer = await open().submit('/sign-in?index', { email })
    expect(answer.text).toMatch(/aria-invalid="true"/)
    expect(answer.text).toMatch(/Is no e-mail address/)
    expect(db.select().from(signInLinks).all()).toEqual([])
  },
)

test.each([
  ['invite', 'new@example.org', false],
  ['domain:example.org', 'new@example.org', true],
  ['domain:example.org', 'new@evil.example.org', false],
  ['domain:example.org', 'new@example.org.evil.test', false],
  ['open', 'new@anywhere.test', true],
])('with SIGN_UP=%s, %s gets an account: %s', async (SIGN_UP, email, isAdmitted) => {
  const { server, db, open } = await startMailSite({ SIGN_UP })
  const browser = open()
  await browser.submit('/sign-in?index', { email })
  if (isAdmitted) {
    const [mail] = await until('the mail came', () => (server.mails[0] ? server.mails : undefined))
    await browser.submit(new URL(/http\S+/.exec(mail?.text ?? '')?.[0] ?? '').pathname)
    expect(await browser.isSignedIn()).toBe(true)
  } else {
    // Once the mail for a known address is here, one for this one would be too.
    await open().submit('/sign-in?index', { email: ADDRESS })
    await until('the mail came', () => server.mails.length > 0)
    expect(server.mails.map(({ to }) => to)).toEqual([[ADDRESS]])
  }
  const users = db.$client.prepare('select email, role from users where email = ?').all(email)
  expect(users).toEqual(isAdmitted ? [{ email, role: 'member' }] : [])
})
