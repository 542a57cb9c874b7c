import { afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { checkToken } from '~/providers/checks/check-token'
import type { ProviderId } from '~/providers/registry'
import type { ApiFault } from '../fakes/api-answers'
import { type FakeCivitai, startFakeCivitai } from '../fakes/civitai'
import { type FakeHub, startFakeHub } from '../fakes/hub'
import { listen } from '../fakes/listen'
import { testIssuers } from './issuers'

const NOW = Date.UTC(2026, 10, 22)
const PAGE = { 'Content-Type': 'text/html' }
const DAY_MS = 24 * 60 * 60 * 1000
const READ = 'hf_CANARYread0123456789'
const KEY = 'CANARYcivitai0123456789abcdef0123'
const iso = (days: number) => new Date(NOW + days * DAY_MS).toISOString()

const ACCOUNTS: Record<string, object> = {
  [READ]: {},
  hf_CANARYwrite: { role: 'write' },
  hf_CANARYexpires: { expiration: iso(6) },
  hf_CANARYlater: { expiration: iso(8) },
  hf_CANARYover: { expiration: iso(-1) },
  hf_CANARYfine: { role: 'fineGrained', fineGrained: { canReadGatedRepos: false, global: [], scoped: [] } },
  hf_CANARYbare: { role: 'fineGrained' },
  hf_CANARYgated: { role: 'fineGrained', fineGrained: { canReadGatedRepos: true, global: [], scoped: [] } },
  hf_CANARYscoped: {
    role: 'fineGrained',
    fineGrained: {
      global: ['discussion.write'],
      scoped: [{ entity: { type: 'user', name: 'ada', _id: '1' }, permissions: ['repo.content.read'] }],
    },
  },
  hf_CANARYodd: { role: 7, expiration: 'tomorrow', fineGrained: 'yes' },
}
const KEYS: Record<string, object> = {
  [KEY]: {},
  CANARYscoped: { tier: 'gold', tokenScope: 'ModelsRead' },
  CANARYnumbers: { tier: null, tokenScope: 33554431 },
  CANARYmuted: { status: 'muted' },
  CANARYbanned: { status: 'banned' },
}

let hub: FakeHub
let civitai: FakeCivitai
beforeAll(async () => {
  hub = await startFakeHub({ tokens: Object.keys(ACCOUNTS), accounts: ACCOUNTS, repos: {} })
  civitai = await startFakeCivitai({ keys: Object.keys(KEYS), accounts: KEYS, versions: {} })
  return () => Promise.all([hub.close(), civitai.close()])
})
afterEach(() => {
  hub.misbehaveApi(undefined)
  civitai.misbehaveApi(undefined)
})

const check = (provider: ProviderId, value: string, limitMs?: number) =>
  checkToken(provider, value, {
    issuers: testIssuers({ huggingface: hub.url, civitai: civitai.url }),
    now: NOW,
    limitMs,
  })

describe('a good token is valid, with the account it belongs to', () => {
  test.each([
    ['huggingface', READ, { account: 'ada', role: 'read', expiresAt: null }],
    ['huggingface', 'hf_CANARYlater', { role: 'read', expiresAt: iso(8) }],
    ['huggingface', 'hf_CANARYgated', { role: 'fineGrained' }],
    ['huggingface', 'hf_CANARYscoped', { role: 'fineGrained' }],
    ['huggingface', 'hf_CANARYodd', { account: 'ada', role: null, expiresAt: null }],
    ['civitai', KEY, { account: 'ada', role: 'free tier', expiresAt: null }],
    ['civitai', 'CANARYscoped', { role: 'gold tier, ModelsRead' }],
    ['civitai', 'CANARYnumbers', { account: 'ada', role: null }],
  ] as const)('%s %s', async (provider, value, facts) => {
    expect(await check(provider, value)).toMatchObject({ state: 'valid', warnings: [], ...facts })
  })
})

it.each([
  [READ, 'yes'],
  ['hf_CANARYwrite', 'yes'],
  ['hf_CANARYgated', 'yes'],
  ['hf_CANARYfine', 'no'],
  ['hf_CANARYbare', 'no'],
  ['hf_CANARYscoped', 'unknown'],
  ['hf_CANARYodd', 'unknown'],
])('whether %s reads gated repositories: %s', async (value, gatedRead) => {
  expect(await check('huggingface', value)).toMatchObject({ state: 'valid', gatedRead })
})

describe('a token that will disappoint is valid, with a warning that names the cure', () => {
  test.each([
    ['huggingface', 'hf_CANARYwrite', 'write_token', /type Read/, 'https://huggingface.co/settings/tokens'],
    [
      'huggingface',
      'hf_CANARYexpires',
      'expires_soon',
      /2026-11-28/,
      'https://huggingface.co/settings/tokens',
    ],
    ['huggingface', 'hf_CANARYover', 'expires_soon', /2026-11-21/, 'https://huggingface.co/settings/tokens'],
    [
      'huggingface',
      'hf_CANARYfine',
      'lacks_gated_read',
      /Tick “Read access to contents of all public gated repos you can access”/,
      'https://huggingface.co/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained',
    ],
    [
      'huggingface',
      'hf_CANARYbare',
      'lacks_gated_read',
      /gated/,
      'https://huggingface.co/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained',
    ],
    ['civitai', 'CANARYmuted', 'account_restricted', /muted/, 'https://civitai.com/user/account'],
    ['civitai', 'CANARYbanned', 'account_restricted', /banned/, 'https://civitai.com/user/account'],
  ] as const)('%s %s: %s', async (provider, value, code, says, href) => {
    const found = await check(provider, value)
    expect(found).toMatchObject({ state: 'valid', warnings: [{ code, link: { href } }] })
    expect(found.state === 'valid' && found.warnings[0]?.message).toMatch(says)
  })
})

describe('fault 97: only the issuer’s own 401 makes a token refused', () => {
  test.each([
    ['huggingface', 'hf_CANARYdead'],
    ['civitai', 'CANARYdead'],
  ] as const)('%s', async (provider, value) => {
    const found = await check(provider, value)
    expect(found).toMatchObject({ state: 'refused' })
    expect(JSON.stringify(found)).not.toContain('CANARY')
  })

  it.each([
    [
      'Hugging Face’s header',
      { status: 401, headers: { ...PAGE, 'X-Error-Message': 'Invalid credentials' } },
    ],
    ['want of any sign of a proxy', { status: 401, headers: { 'Content-Type': 'text/plain' } }],
    ['JSON that isn’t called so', { status: 401, headers: PAGE, body: '{"error":"Unauthorized"}' }],
  ])('a 401 is the issuer’s own by %s', async (_name, fault) => {
    hub.misbehaveApi(fault)
    expect(await check('huggingface', READ)).toMatchObject({ state: 'refused' })
  })

  const cases: [string, ApiFault, RegExp, number?][] = [
    ['a firewall’s 403', { status: 403, body: '<h1>Attention Required!</h1>' }, /403/],
    ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '120' } }, /too often/, 121],
    [
      '429 with a date',
      { status: 429, headers: { 'Retry-After': new Date(NOW + 60_000).toUTCString() } },
      /too often/,
      61,
    ],
    ['429 with RateLimit', { status: 429, headers: { RateLimit: '"api";r=0;t=55' } }, /too often/, 56],
    [
      '429 for a thousand years',
      { status: 429, headers: { 'Retry-After': '31556926080' } },
      /often/,
      604_800,
    ],
    ['429 without a word', { status: 429 }, /too often/],
    ['503 with Retry-After', { status: 503, headers: { 'Retry-After': '30' } }, /503/, 31],
    ['a proxy’s 401', { status: 401, headers: PAGE, body: '<h1>Sign in</h1>' }, /a sign-in of its own/],
    [
      'a proxy’s 401 without a page',
      { status: 401, headers: { 'Content-Type': 'text/plain', 'WWW-Authenticate': 'Negotiate' } },
      /of its own/,
    ],
    ['500', { status: 500, body: 'oops' }, /500/],
    ['404', { status: 404 }, /404/],
    [
      'a web page',
      { status: 200, headers: PAGE, body: '<!doctype html><title>Sign in</title>' },
      /not its API/,
    ],
    ['no JSON', { status: 200, body: '{"name":' }, /not its API/],
    ['nothing', { status: 200 }, /not its API/],
    ['JSON of another shape', { status: 200, body: '{"error":"Invalid credentials"}' }, /not its API/],
    ['a list', { status: 200, body: '[1]' }, /not its API/],
    ['a name that is none', { status: 200, body: '{"name":7,"username":7,"id":1,"auth":{}}' }, /not its API/],
    ['a body that never ends', 'endless', /not its API/],
    ['a broken connection', 'broken-off', /broke off/],
  ]
  for (const provider of ['huggingface', 'civitai'] as const)
    test.each(cases)(`${provider}: %s is not checked`, async (_name, fault, says, retryAfterSeconds) => {
      const [fake, value] = provider === 'huggingface' ? [hub, READ] : [civitai, KEY]
      fake.misbehaveApi(fault)
      const found = await check(provider, value)
      expect(found).toEqual({
        state: 'not_checked',
        message: expect.stringMatching(says),
        ...(retryAfterSeconds && { retryAfterSeconds }),
      })
      expect(JSON.stringify(found)).not.toContain('CANARY')
    })

  test.each(['silent', 'stalls'] as const)('an issuer that %s is given up on', async (fault) => {
    hub.misbehaveApi(fault)
    expect(await check('huggingface', READ, 100)).toEqual({
      state: 'not_checked',
      message: expect.stringMatching(/stopped answering/),
    })
  })

  it('a shutdown ends the asking at once', async () => {
    hub.misbehaveApi('silent')
    const issuers = testIssuers({ huggingface: hub.url })
    const shutdown = new AbortController()
    const asking = checkToken('huggingface', READ, { issuers, now: NOW, signal: shutdown.signal })
    shutdown.abort()
    expect(await asking).toEqual({ state: 'not_checked', message: 'Hugging Face could not be asked.' })
  })

  it('an issuer that isn’t there is not checked', async () => {
    const gone = await listen(() => undefined)
    await gone.close()
    const issuers = testIssuers({ huggingface: gone.url })
    expect(await checkToken('huggingface', READ, { issuers, now: NOW })).toMatchObject({
      state: 'not_checked',
    })
  })
})

it('fault 59: the token goes to the issuer’s own address in one header, and nowhere by a redirect', async () => {
  const elsewhere: string[] = []
  const other = await listen((request, response) => {
    elsewhere.push(`${request.url} ${JSON.stringify(request.headers)}`)
    response.end('{}')
  })
  hub.requests.length = 0
  for (const location of [`${other.url}/steal`, '/api/whoami-v3']) {
    hub.misbehaveApi({ status: 307, headers: { Location: location } })
    expect(await check('huggingface', READ)).toMatchObject({ state: 'not_checked' })
  }
  expect(elsewhere).toEqual([])
  expect(hub.requests).toEqual(
    [1, 2].map(() => ({
      method: 'GET',
      url: '/api/whoami-v2',
      authorization: `Bearer ${READ}`,
      userAgent: 'slipway/0.1',
    })),
  )
  await other.close()
})

it('what the issuer writes is kept as one short line of text, without the token', async () => {
  hub.misbehaveApi({
    status: 200,
    body: JSON.stringify({
      name: `<b>ada</b>\u0000\u202e\r\n${READ} ${'x'.repeat(500)}`,
      auth: { accessToken: { role: `${READ}\u0007` } },
    }),
  })
  const found = await check('huggingface', READ)
  expect(found).toMatchObject({ state: 'valid', role: '[secret]' })
  const account = found.state === 'valid' ? found.account : ''
  expect(account).toMatch(/^<b>ada<\/b> \[secret\] x+…$/)
  expect(account).toHaveLength(80)
})

it('a private address is not asked unless the operator has set it', async () => {
  const issuers = testIssuers({})
  issuers.settings.huggingfaceEndpoint = hub.url
  hub.requests.length = 0
  expect(await checkToken('huggingface', READ, { issuers, now: NOW })).toMatchObject({
    state: 'not_checked',
    message: expect.stringMatching(/may not reach/),
  })
  expect(hub.requests).toEqual([])
})
