import { expect, onTestFinished, test } from 'vitest'
import { createApiToken } from '~/db/api-tokens'
import { startDeviceGrant } from '~/db/device-grants'
import { createSession } from '~/db/sessions'
import { createMailLink, createTerminalLink } from '~/db/sign-in-links'
import { createUser } from '~/db/users'
import { CLIENT_ID, startOidcProvider } from '../fakes/oidc'
import { SOME_DEVICE, SOMEBODY, SOMEWHERE } from '../support/actors'
import { ORIGIN, startSite } from './site'
import { startUpstream } from './upstream'
import { type Answer, cookieOf, dataOf } from './visitor'

const EMAIL = 'mo@example.org'
const secretIn = (cookie: string) => cookie.slice(cookie.indexOf('=') + 1)

/** One of every secret that Slipway hands out, each fresh and good for what it is for. */
async function mintAll() {
  const provider = await startOidcProvider({ redirectUri: `${ORIGIN}/sign-in/with/work/callback` })
  onTestFinished(provider.close)
  const upstream = await startUpstream((_request, response) => response.end('inside'))
  const site = await startSite({
    env: { OIDC_PROVIDERS: 'work', OIDC_WORK_ISSUER: provider.issuer, OIDC_WORK_CLIENT_ID: CLIENT_ID },
  })
  const { db, clock, visitor } = site
  const user = createUser(db, { name: 'Mo', email: EMAIL, role: 'member' }, clock)
  const machineId = site.runMachine(user, { address: upstream.address })
  const session = createSession(db, { userId: user.id, from: SOMEWHERE }, clock)
  const openMachine = async () => {
    const input = { id: machineId, service: 'filebrowser' }
    const answer = await visitor(`slipway_session=${session}`).mutate('machines.open', input)
    return dataOf<{ url: string }>(answer).url
  }
  const toProvider = await visitor().submit('/sign-in/with/work')
  const [, address = ''] = /content="0;url=([^"]*)"/.exec(toProvider.text) ?? []
  const url = new URL(address.replaceAll('&amp;', '&'))
  const person = { sub: 'mo', email: EMAIL, email_verified: true }
  const answer = await provider.visit(url, person)
  const mail = createMailLink(db, { email: EMAIL, from: SOMEWHERE }, clock)
  const apiToken = { userId: user.id, type: 'api', name: 'One', scopes: ['write'], expiresAt: null } as const
  const secrets = {
    session,
    'device code': startDeviceGrant(db, SOME_DEVICE, clock).deviceCode,
    'API token': createApiToken(db, apiToken, SOMEBODY, clock).token,
    'terminal link': createTerminalLink(db, clock),
    'mail link': mail.secret,
    'mail link’s browser': mail.browserSecret,
    'provider’s browser': secretIn(cookieOf(toProvider)),
    'provider’s state': url.searchParams.get('state') ?? '',
    'provider’s nonce': url.searchParams.get('nonce') ?? '',
    'provider’s code': answer.searchParams.get('code') ?? '',
    'machine ticket': new URL(await openMachine()).searchParams.get('ticket') ?? '',
    'machine cookie': secretIn(cookieOf(await visitor().get(await openMachine()))),
  }
  return { site, secrets, mail, answer, host: site.serviceUrl(machineId) }
}

type Scene = Awaited<ReturnType<typeof mintAll>>
type Kind = keyof Scene['secrets']

const isAnswered = ({ status }: Answer) => status === 200
const signsIn = ({ headers }: Answer) => /slipway_session=[\w-]/.test(String(headers['set-cookie']))

/** Every place where a secret is taken, which kinds it takes, and whether one opened it. */
const PLACES: [string, Kind[], (secret: string, scene: Scene) => Promise<boolean>][] = [
  [
    'the session cookie',
    ['session'],
    async (secret, { site }) =>
      isAnswered(await site.visitor(`slipway_session=${secret}`).query('account.me')),
  ],
  [
    'Authorization',
    ['API token'],
    async (secret, { site }) =>
      isAnswered(await site.visitor(undefined, `Bearer ${secret}`).query('account.me')),
  ],
  [
    'the poll of a device',
    ['device code'],
    async (secret, { site }) => {
      const asked = { deviceCode: secret, clientId: 'runcomfy' }
      return (
        dataOf<{ state: string }>(await site.visitor().mutate('deviceGrants.redeem', asked)).state ===
        'pending'
      )
    },
  ],
  [
    'a link, in any browser',
    ['terminal link'],
    async (secret, { site }) => signsIn(await site.visitor().submit(`/sign-in/${secret}`)),
  ],
  [
    'a link, in the browser that asked',
    ['mail link', 'terminal link'],
    async (secret, { site, mail }) =>
      signsIn(await site.visitor(`slipway_sign_in=${mail.browserSecret}`).submit(`/sign-in/${secret}`)),
  ],
  [
    'the cookie of the browser that asked for a link',
    ['mail link’s browser'],
    async (secret, { site, mail }) =>
      signsIn(await site.visitor(`slipway_sign_in=${secret}`).submit(`/sign-in/${mail.secret}`)),
  ],
  [
    'the code of a link',
    [],
    async (code, { site, mail }) =>
      signsIn(await site.visitor(`slipway_sign_in=${mail.browserSecret}`).submit('/sign-in/sent', { code })),
  ],
  [
    'the cookie of the browser that was sent to a provider',
    ['provider’s browser'],
    async (secret, { site, answer }) =>
      signsIn(await site.visitor(`slipway_oidc=${secret}`).get(answer.pathname + answer.search)),
  ],
  [
    'the state that comes back from a provider',
    ['provider’s state'],
    async (secret, { site, answer, secrets }) => {
      const query = new URLSearchParams(answer.search)
      query.set('state', secret)
      const browser = site.visitor(`slipway_oidc=${secrets['provider’s browser']}`)
      return signsIn(await browser.get(`${answer.pathname}?${query}`))
    },
  ],
  [
    'a ticket',
    ['machine ticket'],
    async (secret, { site, host }) =>
      (await site.visitor().get(`${host}.slipway/enter?ticket=${secret}`)).headers['set-cookie'] !==
      undefined,
  ],
  [
    'the cookie of a machine’s host',
    ['machine cookie'],
    async (secret, { site, host }) =>
      (await site.visitor(`slipway_machine=${secret}`).get(host)).text === 'inside',
  ],
]

test.each(PLACES)('fault 71: %s takes its own kind of secret and no other', async (_place, own, opens) => {
  const scene = await mintAll()
  for (const [kind, secret] of Object.entries(scene.secrets)) {
    expect([kind, secret]).toEqual([kind, expect.stringMatching(/^\S{20,}$/)])
    if (!own.includes(kind as Kind)) expect([kind, await opens(secret, scene)]).toEqual([kind, false])
  }
  for (const kind of own) {
    const fresh = await mintAll()
    expect([kind, await opens(fresh.secrets[kind], fresh)]).toEqual([kind, true])
  }
})
