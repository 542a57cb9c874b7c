import { describe, expect, it, test } from 'vitest'
import { networkOf } from '~/app/server/network-of'
import { listAuditEntries } from '~/db/audit'
import { createMailLink, lookAtLink } from '~/db/sign-in-links'
import { createUser } from '~/db/users'
import { SOMEWHERE } from '../support/actors'
import { startSite } from './site'
import { type Answer, refusalOf } from './visitor'

const EMAIL = 'mo@example.org'
/** Without an account nothing is printed, and limits are the same. */
const NOBODY = 'nobody@example.org'
const from = (address: string) => ({ 'x-forwarded-for': address })

/** A site that people reach through a proxy, so that a test can ask from many addresses. */
async function startProxiedSite() {
  const site = await startSite({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
  const { db, clock, visitor } = site
  const user = createUser(db, { name: 'Mo', email: EMAIL, role: 'member' }, clock)
  const askForLink = (email: string, address: string) =>
    visitor().mutate('account.requestLink', { email }, from(address))
  /** A browser that has asked for a link, what that shows elsewhere, and a code that it doesn’t show. */
  function withLink(email: string) {
    const { secret, browserSecret } = createMailLink(db, { email, from: SOMEWHERE }, clock)
    const view = lookAtLink(db, secret, undefined, clock)
    const code = view.state === 'elsewhere' ? view.code : ''
    const browser = visitor(`slipway_sign_in=${browserSecret}`)
    const enter = (typed: string, address: string) =>
      browser.mutate('account.signInWithCode', { code: typed }, from(address))
    return { secret, browser, code, wrong: code === '000000' ? '000001' : '000000', enter }
  }
  return { ...site, user, askForLink, withLink }
}
type ProxiedSite = Awaited<ReturnType<typeof startProxiedSite>>

const statuses = async (count: number, ask: (n: number) => Promise<Answer>) => {
  const answers: number[] = []
  for (let n = 0; n < count; n++) answers.push((await ask(n)).status)
  return answers
}

describe('fault 100: wrong codes for one address', () => {
  async function guessTenTimes({ withLink }: ProxiedSite, email: string) {
    for (const n of [1, 2]) {
      const { wrong, enter } = withLink(email)
      expect(await statuses(5, () => enter(wrong, `198.51.100.${n}`))).not.toContain(429)
    }
  }

  test.each([EMAIL, NOBODY])(
    'are ten a day (%s), whatever link and network they come by; then not even the right one counts',
    async (email) => {
      const site = await startProxiedSite()
      await guessTenTimes(site, email)
      const { code, enter } = site.withLink(email)
      const answer = await enter(code, '198.51.100.3')
      expect([answer.status, answer.headers['set-cookie']]).toEqual([429, undefined])
      const { message } = refusalOf(answer)
      expect(message).toContain('Open the link itself in the browser that asked for it')
      expect(message).toContain('Try again in 24 hours.')
      const [entry] = listAuditEntries(site.db, { action: 'sign_in_refused' }, { limit: 1 })
      expect(entry).toMatchObject({
        actorKind: 'visitor',
        address: '198.51.100.3',
        subjectId: email === EMAIL ? site.user.id : null,
        detail: 'Link by mail: too many wrong codes for this address',
      })
    },
  )

  it('leave the link itself, and other people’s codes', async () => {
    const site = await startProxiedSite()
    createUser(site.db, { name: 'Bo', email: 'bo@example.org', role: 'member' }, site.clock)
    await guessTenTimes(site, EMAIL)
    const { secret, browser } = site.withLink(EMAIL)
    expect((await browser.mutate('account.signIn', { token: secret }, from('198.51.100.3'))).status).toBe(200)
    const other = site.withLink('bo@example.org')
    expect((await other.enter(other.code, '198.51.100.3')).status).toBe(200)
  })

  it('are counted, and right ones are not', async () => {
    const { withLink } = await startProxiedSite()
    const enter = () => {
      const link = withLink(EMAIL)
      return link.enter(link.code, '198.51.100.1')
    }
    expect(await statuses(12, enter)).toEqual(Array(12).fill(200))
  })
})

describe('fault 100: asking for links to one address', () => {
  it('is limited for each network address, so that nobody keeps its owner from asking', async () => {
    const { askForLink } = await startProxiedSite()
    const stranger = await statuses(6, () => askForLink(NOBODY, '198.51.100.1'))
    expect(stranger).toEqual([200, 200, 200, 200, 200, 429])
    expect((await askForLink(NOBODY, '198.51.100.2')).status).toBe(200)
  })

  it('is limited from all of them together, against flooding a mailbox', async () => {
    const { askForLink } = await startProxiedSite()
    const answers = await statuses(41, (n) => askForLink(NOBODY, `198.51.100.${n}`))
    expect(answers).toEqual([...Array(40).fill(200), 429])
    expect((await askForLink('bo@example.org', '198.51.100.99')).status).toBe(200)
  })

  it('counts all addresses of an IPv6 network as one', async () => {
    const { askForLink } = await startProxiedSite()
    const answers = await statuses(6, (n) => askForLink(NOBODY, `2001:db8:1:1::${n}`))
    expect(answers.at(-1)).toBe(429)
    expect((await askForLink(NOBODY, '2001:db8:1:2::1')).status).toBe(200)
  })
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:1::9', '2001:db8:1:1::/64'],
  ['2001:DB8:0001:0001:ffff:ffff:ffff:ffff', '2001:db8:1:1::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('for limits the address %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
