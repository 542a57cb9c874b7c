import { connect } from 'node:net'
import { describe, expect, it, test } from 'vitest'
import { PROGRAM_PATHS } from '~/app/server/program-paths'
import { listMachines } from '~/db/machines'
import { listProviderTokens } from '~/db/provider-tokens'
import { raw } from './raw'
import { ORIGIN, startSite } from './site'

const EVIL = 'http://evil.test'
const FOREIGN: [string, Record<string, string | undefined>][] = [
  ['no Origin', { origin: undefined }],
  ['Origin null', { origin: 'null' }],
  ['another site', { origin: EVIL }],
  ['a site below', { origin: 'http://m.slipway.test:3000' }],
  ['the same host by another scheme', { origin: ORIGIN.replace('http:', 'https:') }],
  ['another port', { origin: 'http://slipway.test:3001' }],
  ['a name that begins alike', { origin: `${ORIGIN}.evil.test` }],
  ['another site that forwards itself (fault 78)', { origin: EVIL, 'x-forwarded-host': 'evil.test' }],
  [
    'another site that forwards itself as us (fault 78)',
    { origin: EVIL, 'x-forwarded-host': 'slipway.test:3000' },
  ],
  ['no Origin but a Referer', { origin: undefined, referer: `${ORIGIN}/profile` }],
]

const FORM = 'application/x-www-form-urlencoded'
const CHANGES: [string, string, string, string][] = [
  ['a page’s action', '/profile', FORM, 'provider=civitai&token=CANARY1&intent=save'],
  ['a page’s scripted action', '/profile.data', FORM, 'provider=civitai&token=CANARY1&intent=save'],
  ['a page’s launch', '/machines?index', FORM, 'intent=launch'],
  ['a resource route', '/sign-out', FORM, ''],
  [
    'a procedure',
    '/trpc/providerTokens.save',
    'application/json',
    '{"provider":"civitai","token":"CANARY1"}',
  ],
  ['a procedure as text', '/trpc/machines.launch', 'text/plain', '{}'],
  ['a procedure as a form', '/trpc/machines.launch', 'multipart/form-data; boundary=x', '--x--'],
  [
    'a batch of procedures',
    '/trpc/machines.launch,account.signOut?batch=1',
    'application/json',
    '{"0":{},"1":{}}',
  ],
]

describe.each(CHANGES)('fault 77: %s', (_what, path, type, body) => {
  test.each(FOREIGN)('is refused and changes nothing with %s', async (_from, headers) => {
    const { admin, signedIn, db, jobs } = await startSite()
    const browser = signedIn(admin)
    const answer = await browser.ask(path, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body,
    })
    expect(answer.status).toBe(403)
    expect(answer.text).toMatch(/another site/)
    expect(listProviderTokens(db, admin.id)).toEqual([])
    expect(listMachines(db, admin.id)).toEqual([])
    expect(jobs).toEqual([])
    expect((await browser.query('account.me')).status).toBe(200)
  })

  it('is done with the site’s own Origin', async () => {
    const { admin, signedIn } = await startSite()
    const answer = await signedIn(admin).ask(path, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect(answer.status).not.toBe(403)
  })
})

describe.each([...PROGRAM_PATHS])('fault 77: %s, where programs log in', (path) => {
  const BROWSERS: [string, Record<string, string | undefined>][] = [
    ...FOREIGN.filter(([, { origin }]) => origin !== undefined),
    ['no Origin from another site', { origin: undefined, 'sec-fetch-site': 'cross-site' }],
    ['no Origin from a neighbour', { origin: undefined, 'sec-fetch-site': 'same-site' }],
    [
      'a form of another site without an Origin',
      {
        origin: undefined,
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
    ],
  ]
  it('refuses every browser of another site', async () => {
    const { visitor } = await startSite()
    for (const [from, headers] of BROWSERS)
      expect([from, (await visitor().submit(path, {}, headers)).status]).toEqual([from, 403])
  })

  it('lets in what is no browser, under that very path alone', async () => {
    const { visitor } = await startSite()
    const ask = async (target: string) => (await visitor().submit(target, {}, { origin: undefined })).status
    expect(await ask(path)).not.toBe(403)
    for (const other of [`${path}/`, `${path}.data`, path.toUpperCase()])
      expect([other, await ask(other)]).toEqual([other, 403])
  })
})

it.each(['PUT', 'PATCH', 'DELETE'] as const)('%s from another site is refused', async (method) => {
  const { admin, signedIn } = await startSite()
  expect((await signedIn(admin).ask('/profile', { method, headers: { origin: EVIL } })).status).toBe(403)
})

describe('fault 82: a page of another site, or of a machine, loads nothing of Slipway’s with its cookie', () => {
  const MACHINE = 'http://m-aaaaaaaaaaaaaaaa-files.machines.test:3000'
  test.each([
    ['by a script, from another site', { origin: EVIL }],
    ['by a script, from a machine', { origin: MACHINE }],
    ['by a script, from nowhere', { origin: 'null' }],
    ['by an old browser’s script, from a machine', { origin: MACHINE, referer: `${MACHINE}/` }],
    [
      'as a script, from a neighbour',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    ],
    [
      'as an image',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    ],
    [
      'as a frame, from a neighbour',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ],
  ] as [string, Record<string, string>][])('%s', async (_how, headers) => {
    const { admin, signedIn } = await startSite()
    for (const path of ['/trpc/account.me', '/machines', '/profile', '/admin/audit.csv'])
      expect([path, (await signedIn(admin).get(path, headers)).status]).toEqual([path, 403])
  })

  it('and may be followed by a link all the same', async () => {
    const { admin, signedIn } = await startSite()
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    expect((await signedIn(admin).get('/machines', link)).status).toBe(200)
  })

  it('and what speaks for itself is not asked where it comes from', async () => {
    const { admin, withApiToken } = await startSite()
    const { visitor } = withApiToken(admin, ['read'])
    expect((await visitor.query('account.me', undefined, { origin: EVIL })).status).toBe(200)
  })
})

it('a sign-in link is not used up by another site', async () => {
  const { visitor } = await startSite()
  expect((await visitor().submit('/sign-in/x', {}, { origin: EVIL })).status).toBe(403)
})

it.each(['evil.test', 'evil.test:3000', 'slipway.test', 'm-x-files.machines.test:3000', '127.0.0.1', ''])(
  'fault 88: a host name that is not Slipway’s own is not answered: %j',
  async (host) => {
    const { admin, signedIn } = await startSite()
    for (const path of ['/', '/machines', '/cli.tgz', '/trpc/account.me', '/favicon.svg']) {
      const answer = await signedIn(admin).get(path, { host })
      expect([answer.status, answer.text]).toEqual([421, expect.stringContaining('PUBLIC_URL')])
    }
  },
)

it.each(['localhost:3000', '127.0.0.1:3000', '[::1]:3000'])('answers on loopback as %s', async (host) => {
  const { visitor } = await startSite()
  expect((await visitor().get('/sign-in', { host })).status).toBe(200)
})

it.each([
  'GET // HTTP/1.1',
  'GET http:// HTTP/1.1',
  'GET /%ff HTTP/1.1',
  'GET /machines/%e0%a4%a HTTP/1.1',
  'GET /trpc/%e0%a4%a HTTP/1.1',
  'GET /trpc/machines.get?batch=1&input=%7B HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'POST // HTTP/1.1',
  'TRACE /api/cli-auth/poll HTTP/1.1',
])('an odd request does no harm: %s', async (line) => {
  const { admin, signedIn, runMachine, serviceUrl, port } = await startSite()
  const machine = new URL(serviceUrl(runMachine(admin))).host
  for (const host of ['slipway.test:3000', machine])
    for (const upgrade of ['', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'])
      expect(
        await raw(port, `${line}\r\nHost: ${host}\r\n${upgrade || 'Connection: close\r\n'}\r\n`),
      ).not.toMatch(/^HTTP\/1.1 500/)
  expect((await signedIn(admin).query('account.me')).status).toBe(200)
})

it('a browser that goes away in the middle of anything does no harm', async () => {
  const { admin, signedIn, runMachine, serviceUrl, port } = await startSite()
  const machine = new URL(serviceUrl(runMachine(admin))).host
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://evil.test\r\n'
  await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const host = n % 2 ? machine : 'slipway.test:3000'
      const socket = connect(port, '127.0.0.1')
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.write(`GET /trpc/machines.watchList HTTP/1.1\r\nHost: ${host}\r\n${n % 3 ? upgrade : ''}\r\n`)
      await new Promise((resolve) => setImmediate(resolve))
      socket.resetAndDestroy()
      await new Promise((resolve) => socket.once('close', resolve))
    }),
  )
  expect((await signedIn(admin).query('account.me')).status).toBe(200)
})
