import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { auditEntries, deviceGrants, userTokens } from '~/db/schema'
import { GRANT_TYPE, oauthProgram } from './oauth-program'
import { startSite } from './site'
import { dataOf } from './visitor'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

async function startOAuth(env: Record<string, string> = {}) {
  const site = await startSite({ env: { OAUTH_CLIENTS: 'desk=Desk of Example Inc.', ...env } })
  return { ...site, program: oauthProgram(site) }
}

const wordOf = ({ status, body }: { status: number; body: { error?: string } }) => [status, body.error]

it('a login by OAuth gives a token of the command line, once, for what was asked', async () => {
  const { program, member, visitor, db } = await startOAuth()
  const begun = await program.begin({ scope: 'machines:read read', device_name: 'ana’s laptop' })
  expect(wordOf(await program.poll(begun))).toEqual([400, 'authorization_pending'])
  await program.decide(member, begun, 'approve')
  const { status, headers, body } = await program.poll(begun)
  expect([status, headers['cache-control'], headers.pragma]).toEqual([200, 'no-store', 'no-cache'])
  expect(body).toEqual({
    access_token: expect.stringMatching(/^slipway_cli_/),
    token_type: 'Bearer',
    expires_in: 90 * 24 * 3600,
    scope: expect.toSatisfy((scope) => scope.split(' ').sort().join() === 'machines:read,read'),
  })
  expect(wordOf(await program.poll(begun))).toEqual([400, 'invalid_grant'])
  const me = await visitor(undefined, `Bearer ${body.access_token}`).query('account.me')
  expect(dataOf<{ id: string }>(me).id).toBe(member.id)
  expect(db.select().from(userTokens).all()).toMatchObject([
    { tokenType: 'cli', clientId: 'runcomfy', name: 'ana’s laptop', userId: member.id },
  ])
})

it('whoever is asked to authorize reads the name that the operator gave the client', async () => {
  const { program, member } = await startOAuth()
  const begun = await program.begin({ client_id: 'desk' })
  const { lookedUp } = await program.decide(member, begun, 'deny')
  expect(dataOf(lookedUp)).toMatchObject({ clientId: 'desk', clientName: 'Desk of Example Inc.' })
})

it('to administer has to be asked for, and is given by an administrator alone', async () => {
  const { program, admin, member } = await startOAuth()
  const asked = await program.begin({ scope: 'write admin:write' })
  expect((await program.decide(member, asked, 'approve')).decided.status).toBe(403)
  expect(wordOf(await program.poll(asked))).toEqual([400, 'authorization_pending'])
  const again = await program.begin({ scope: 'write admin:write' })
  await program.decide(admin, again, 'approve')
  expect((await program.poll(again)).body.scope.split(' ').sort()).toEqual(['admin:write', 'write'])
  const plain = await program.begin()
  await program.decide(admin, plain, 'approve')
  expect((await program.poll(plain)).body.scope).toBe('write')
})

it.each(['admin:read', 'write admin:write'])(
  'to administer is for the command line alone: %s',
  async (scope) => {
    const { program, db } = await startOAuth()
    const { status, body } = await program.post(BEGIN, { client_id: 'desk', scope })
    expect([status, body.error, body.error_description]).toEqual([
      ...[400, 'invalid_scope'],
      'scope: only runcomfy may ask for those of administrators',
    ])
    expect(db.select().from(deviceGrants).all()).toEqual([])
  },
)

it('whoever owns a token sees which program holds it, also one that the settings name no longer', async () => {
  const { program, member, signedIn, services } = await startOAuth()
  for (const client_id of ['desk', 'runcomfy']) {
    const begun = await program.begin({ client_id, device_name: `On ${client_id}` })
    await program.decide(member, begun, 'approve')
    await program.poll(begun, client_id)
  }
  const browser = signedIn(member)
  await browser.mutate('apiTokens.create', { name: 'By hand', scopes: ['read'] })
  const clients = async () =>
    dataOf<{ name: string }[]>(await browser.query('apiTokens.list')).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )
  expect(await clients()).toMatchObject([
    { name: 'By hand', clientId: null, clientName: null },
    { name: 'On desk', clientId: 'desk', clientName: 'Desk of Example Inc.' },
    { name: 'On runcomfy', clientId: 'runcomfy', clientName: 'runcomfy' },
  ])
  const { text } = await browser.get('/profile')
  for (const [name, badge] of [
    ['By hand', 'API'],
    ['On desk', 'Desk of Example Inc.'],
    ['On runcomfy', 'Command line'],
  ])
    expect(text).toMatch(new RegExp(`>${name}</h3><span[^>]*><bdi>${badge}</bdi>`))
  services.oauth.clientName = () => undefined
  expect((await clients())[1]).toMatchObject({ clientName: 'desk' })
})

describe('fault 74: a program that asks too soon', () => {
  it('has to wait 5 seconds more each time, for good, up to a minute', async () => {
    const { program, clock } = await startOAuth()
    const begun = await program.begin()
    await program.poll(begun)
    for (const interval of [10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 60]) {
      const { status, headers, body } = await program.poll(begun)
      expect([status, body.error, body.interval, headers['retry-after']]).toEqual([
        ...[400, 'slow_down', interval],
        String(interval),
      ])
    }
    clock.advance(60_000)
    for (const expected of ['authorization_pending', 'slow_down']) {
      expect(wordOf(await program.poll(begun))).toEqual([400, expected])
      clock.advance(53_999)
    }
  })

  it('is forgiven a tenth of its interval, and not more', async () => {
    const { program, clock } = await startOAuth()
    const [onTime, early] = [await program.begin(), await program.begin()]
    for (const begun of [onTime, early]) await program.poll(begun)
    clock.advance(4499)
    expect(wordOf(await program.poll(early))).toEqual([400, 'slow_down'])
    for (let asked = 0; asked < 20; asked++) {
      clock.advance(asked ? 4500 : 1)
      expect(wordOf(await program.poll(onTime))).toEqual([400, 'authorization_pending'])
    }
  })

  it('is told off no more once it keeps to its new interval', async () => {
    const { program, clock } = await startOAuth()
    const begun = await program.begin()
    for (let asked = 0; asked < 2; asked++) await program.poll(begun)
    for (let asked = 0; asked < 5; asked++) {
      clock.advance(10_000)
      expect(wordOf(await program.poll(begun))).toEqual([400, 'authorization_pending'])
    }
    clock.advance(5000)
    expect((await program.poll(begun)).body.interval).toBe(15)
  })
})

describe('fault 74: no token comes of a login', () => {
  it('that was denied', async () => {
    const { program, member } = await startOAuth()
    const begun = await program.begin()
    await program.decide(member, begun, 'deny')
    expect(wordOf(await program.poll(begun))).toEqual([400, 'access_denied'])
  })

  it.each(['authorized', 'undecided'])('that took more than ten minutes, %s', async (how) => {
    const { program, member, clock } = await startOAuth()
    const begun = await program.begin()
    if (how === 'authorized') await program.decide(member, begun, 'approve')
    clock.advance(10 * MINUTE_MS)
    expect(wordOf(await program.poll(begun))).toEqual([400, 'expired_token'])
  })

  it('for another client, which neither learns of it nor uses it up', async () => {
    const { program, member } = await startOAuth()
    const begun = await program.begin()
    expect(wordOf(await program.poll(begun, 'desk'))).toEqual([400, 'invalid_grant'])
    await program.decide(member, begun, 'approve')
    expect(wordOf(await program.poll(begun, 'desk'))).toEqual([400, 'invalid_grant'])
    expect((await program.poll(begun)).status).toBe(200)
  })

  it('for a client that the settings name no longer', async () => {
    const { program, services, member } = await startOAuth()
    const begun = await program.begin({ client_id: 'desk' })
    await program.decide(member, begun, 'approve')
    services.oauth.clientName = () => undefined
    expect(wordOf(await program.poll(begun, 'desk'))).toEqual([400, 'invalid_client'])
  })
})

it('while another process holds the database a login is told to come back, and loses nothing by it', async () => {
  const { program, member, db, dataDir } = await startOAuth()
  const begun = await program.begin()
  await program.decide(member, begun, 'approve')
  const other = new Database(join(dataDir, 'slipway.db'))
  onTestFinished(() => void other.close())
  db.$client.pragma('busy_timeout = 50')
  other.exec('begin immediate')
  for (const busy of [await program.poll(begun), await program.post(BEGIN, GOOD)])
    expect([wordOf(busy), busy.headers['retry-after']]).toEqual([[503, 'temporarily_unavailable'], '1'])
  other.exec('rollback')
  expect((await program.poll(begun)).status).toBe(200)
})

it('fault 76: 20 exchanges at the same moment make one token', async () => {
  const { program, member, db } = await startOAuth()
  const begun = await program.begin()
  await program.decide(member, begun, 'approve')
  const answers = await Promise.all(Array.from({ length: 20 }, () => program.poll(begun)))
  expect(answers.map(wordOf).sort()).toEqual([
    [200, undefined],
    ...Array.from({ length: 19 }, () => [400, 'invalid_grant']),
  ])
  expect(db.select().from(userTokens).all()).toHaveLength(1)
  const made = db.select().from(auditEntries).all()
  expect(made.filter(({ action }) => action === 'api_token_created')).toHaveLength(1)
})

describe('fault 62: a token of a login', () => {
  it('opens nothing that it wasn’t granted', async () => {
    const { program, member, visitor } = await startOAuth()
    const token = await program.logIn(member, { scope: 'machines:read' })
    const holder = visitor(undefined, `Bearer ${token}`)
    expect((await holder.query('machines.list')).status).toBe(200)
    expect((await holder.mutate('machines.launch', { name: 'One' })).status).toBe(403)
    expect((await holder.query('account.me')).status).toBe(403)
  })

  it('opens nothing after 90 days, with a wrong character, or as another type', async () => {
    const { program, member, visitor, clock } = await startOAuth()
    const token = await program.logIn(member)
    const statusWith = async (sent: string) =>
      (await visitor(undefined, `Bearer ${sent}`).query('account.me')).status
    expect(await statusWith(`${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`)).toBe(401)
    expect(await statusWith(token.replace('_cli_', '_api_'))).toBe(401)
    clock.advance(90 * DAY_MS - 1)
    expect(await statusWith(token)).toBe(200)
    clock.advance(1)
    expect(await statusWith(token)).toBe(401)
  })
})

const [BEGIN, TOKEN, REVOKE] = ['/oauth/device_authorization', '/oauth/token', '/oauth/revoke']
const GOOD = {
  client_id: 'runcomfy',
  grant_type: GRANT_TYPE,
  device_code: 'CANARYcode',
  token: 'CANARYtoken',
}
const without = (name: string) => Object.entries(GOOD).filter(([field]) => field !== name)
const twice = (name: string) => [...Object.entries(GOOD), [name, 'CANARYagain']]
const AS_JSON = { 'content-type': 'application/json' }
const AS_SOMEBODY = { authorization: 'Basic cnVuY29tZnk6Q0FOQVJZ' }

describe('a wrong question is answered in the words of the RFC', () => {
  test.each<[string, string, Record<string, string> | string[][], number, string, string, object?]>([
    ['a login of nobody', BEGIN, without('client_id'), 400, 'invalid_request', 'client_id: is missing'],
    ['a login of an empty client', BEGIN, { client_id: '' }, 400, 'invalid_request', 'client_id'],
    [
      'a login of a stranger',
      BEGIN,
      { client_id: 'CANARY' },
      400,
      'invalid_client',
      'client_id: is no client',
    ],
    ['a name that objects have', BEGIN, { client_id: '__proto__' }, 400, 'invalid_client', 'client_id'],
    ['a long client', BEGIN, { client_id: 'x'.repeat(9000) }, 400, 'invalid_client', 'client_id'],
    [
      'a login with a secret',
      BEGIN,
      { ...GOOD, client_secret: 'CANARY' },
      401,
      'invalid_client',
      'no secrets',
    ],
    ['a login with Basic', BEGIN, GOOD, 401, 'invalid_client', 'no secrets', AS_SOMEBODY],
    ['two clients', BEGIN, twice('client_id'), 400, 'invalid_request', 'client_id: is there more than once'],
    ['two scopes', BEGIN, [...twice('scope'), ['scope', 'read']], 400, 'invalid_request', 'scope: is there'],
    [
      'a name of 10 kB',
      BEGIN,
      { ...GOOD, device_name: 'x'.repeat(10_000) },
      ...([400, 'invalid_request', 'device_name: is longer than 200'] as const),
    ],
    ['an unknown scope', BEGIN, { ...GOOD, scope: 'write root' }, 400, 'invalid_scope', 'scope: '],
    ['scopes with commas', BEGIN, { ...GOOD, scope: 'read,write' }, 400, 'invalid_scope', 'scope: '],
    ['an inherited scope', BEGIN, { ...GOOD, scope: 'constructor' }, 400, 'invalid_scope', 'scope: '],
    ['a login as JSON', BEGIN, GOOD, 400, 'invalid_request', 'as a form', AS_JSON],
    ['a login as nothing', BEGIN, GOOD, 400, 'invalid_request', 'as a form', { 'content-type': undefined }],
    ['an exchange without a code', TOKEN, without('device_code'), 400, 'invalid_request', 'device_code: is'],
    [
      'an exchange of no kind',
      TOKEN,
      without('grant_type'),
      400,
      'invalid_request',
      'grant_type: is missing',
    ],
    [
      'another kind of exchange',
      TOKEN,
      { ...GOOD, grant_type: 'authorization_code' },
      ...([400, 'unsupported_grant_type', 'grant_type: must be'] as const),
    ],
    [
      'a refresh',
      TOKEN,
      { ...GOOD, grant_type: 'refresh_token' },
      ...([400, 'unsupported_grant_type', 'grant_type'] as const),
    ],
    ['an exchange by nobody', TOKEN, without('client_id'), 400, 'invalid_request', 'client_id: is missing'],
    [
      'an exchange by a stranger',
      TOKEN,
      { ...GOOD, client_id: 'x' },
      400,
      'invalid_client',
      'client_id: is no',
    ],
    ['an exchange with Basic', TOKEN, GOOD, 401, 'invalid_client', 'no secrets', AS_SOMEBODY],
    ['an unknown code', TOKEN, GOOD, 400, 'invalid_grant', 'device_code: is none'],
    ['a long code', TOKEN, { ...GOOD, device_code: 'x'.repeat(9000) }, 400, 'invalid_grant', 'device_code: '],
    [
      'two codes',
      TOKEN,
      twice('device_code'),
      400,
      'invalid_request',
      'device_code: is there more than once',
    ],
    ['an exchange as JSON', TOKEN, GOOD, 400, 'invalid_request', 'as a form', AS_JSON],
    ['revoking nothing', REVOKE, without('token'), 400, 'invalid_request', 'token: is missing'],
    ['revoking by nobody', REVOKE, without('client_id'), 400, 'invalid_request', 'client_id: is missing'],
    ['revoking by a stranger', REVOKE, { ...GOOD, client_id: 'x' }, 400, 'invalid_client', 'client_id'],
    ['revoking two', REVOKE, twice('token'), 400, 'invalid_request', 'token: is there more than once'],
    ['revoking as JSON', REVOKE, GOOD, 400, 'invalid_request', 'as a form', AS_JSON],
  ])('%s', async (_what, path, fields, status, error, says, sent = {}) => {
    const { program, db, logged } = await startOAuth()
    const { headers, ...answer } = await program.post(path, fields, sent as Record<string, string>)
    expect([answer.status, answer.body.error, answer.body.error_description]).toEqual([
      ...[status, error],
      expect.stringContaining(says),
    ])
    expect(answer.body.error_description).toMatch(/^[ !#-[\]-~]+$/)
    expect([headers['cache-control'], headers['content-type']]).toEqual([
      'no-store',
      expect.stringMatching(/^application\/json\b/),
    ])
    if (status === 401) expect(headers['www-authenticate']).toBe('Basic realm="slipway"')
    expect(JSON.stringify(answer) + logged.join('')).not.toContain('CANARY')
    expect(db.select().from(deviceGrants).all()).toEqual([])
  })

  test.each([BEGIN, TOKEN, REVOKE, '/oauth/introspect'])('%s asked by another method', async (path) => {
    const { visitor } = await startOAuth()
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const { status, headers, text } = await visitor().ask(path, { method })
      expect([method, status, headers.allow, JSON.parse(text).error]).toEqual([
        ...[method, 405, 'POST'],
        'invalid_request',
      ])
    }
  })
})

it('parameters that nobody knows and empty ones change nothing', async () => {
  const { program } = await startOAuth()
  const fields = [
    ['client_id', 'runcomfy'],
    ['scope', ' '],
    ['client_secret', ''],
    ['x', '1'],
    ['x', '2'],
  ]
  const { status, body } = await program.post(BEGIN, fields, {
    'content-type': 'Application/X-WWW-Form-Urlencoded; charset=utf-8',
  })
  expect([status, body.interval, body.expires_in]).toEqual([200, 5, 600])
})

it('whoever begins logins without end is told when to come back', async () => {
  const { program } = await startOAuth()
  for (let begun = 0; begun < 30; begun++) await program.begin()
  const { status, headers, body } = await program.post(BEGIN, GOOD)
  expect([status, body.error, Number(headers['retry-after']) > 0]).toEqual([429, 'slow_down', true])
})

it('a page of another site can’t begin, exchange, revoke or ask about anything', async () => {
  const { visitor } = await startOAuth()
  for (const path of [BEGIN, TOKEN, REVOKE, '/oauth/introspect'])
    expect((await visitor().submit(path, GOOD, { origin: 'http://evil.test' })).status).toBe(403)
})
