import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { revokeApiToken } from '~/db/api-tokens'
import { userTokens } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { bodyOf, onlyGrant, siteWithProgram } from './device-login'
import { oauthProgram } from './oauth-program'
import { raw } from './raw'
import { dataOf, refusalOf } from './visitor'

const DAY_MS = 24 * 60 * 60 * 1000
const START = '/api/cli-auth/start'
const POLL = '/api/cli-auth/poll'
const TOO_LONG = `{"device_name":"${'x'.repeat(201)}"}`
const JSON_TYPE = expect.stringMatching(/^application\/json\b/)

describe('starting a login', () => {
  it('takes a POST without a body, a type and a length, and answers all that RunComfy’s client needs', async () => {
    const site = await siteWithProgram()
    const answer = await raw(
      site.port,
      `POST ${START} HTTP/1.1\r\nHost: slipway.test:3000\r\nUser-Agent: runcomfy-cli/0.3.1\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    )
    const [head = '', text = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(head).toMatch(/^content-type: application\/json\b/im)
    expect(head).toMatch(/^cache-control: no-store\r?$/im)
    expect(JSON.parse(/\{.*\}/.exec(text)?.[0] ?? '')).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[2-9]{4}$/),
      verify_url: 'http://slipway.test:3000/cli-auth',
      expires_in: 600,
      poll_interval: 2,
      verification_uri: 'http://slipway.test:3000/cli-auth',
      interval: 2,
    })
    // Rust's integers take neither 2.0 nor "2".
    expect(answer).toMatch(/"expires_in":600,"poll_interval":2,/)
    expect(onlyGrant(site)).toMatchObject({
      deviceName: 'runcomfy-cli/0.3.1',
      clientId: 'runcomfy',
      scopes: 'write',
      address: '127.0.0.1',
      status: 'pending',
      userId: null,
    })
  })

  it('takes the name of a device and what it asks for', async () => {
    const { start, ...site } = await siteWithProgram()
    await start({ device_name: 'ana’s  laptop', scopes: ['admin:write', 'write', 'write'], userId: 'x' })
    expect(onlyGrant(site)).toMatchObject({
      deviceName: 'ana’s laptop',
      scopes: 'write admin:write',
      userId: null,
    })
  })

  it('takes null for what isn’t said', async () => {
    const { start, ...site } = await siteWithProgram()
    await start({ device_name: null, scopes: null })
    expect(onlyGrant(site)).toMatchObject({ deviceName: 'runcomfy', scopes: 'write' })
  })

  test.each([
    ['{', 'Send a JSON object, or no body at all.'],
    ['[]', 'Send a JSON object, or no body at all.'],
    ['null', 'Send a JSON object, or no body at all.'],
    ['client_id=runcomfy', 'Send a JSON object, or no body at all.'],
    ['{"device_name":7}', 'device_name: must be text'],
    [TOO_LONG, 'device_name: is longer than 200 characters'],
    ['{"scopes":"write"}', 'scopes: must be a list of scopes'],
    ['{"scopes":[]}', 'scopes: holds none; leave it out for write'],
    ['{"scopes":["write","admin"]}', 'scopes: must be some of read, write, account:read'],
    ['{"scopes":["any"]}', 'scopes: must be some of'],
    ['{"scopes":["__proto__"]}', 'scopes: must be some of'],
  ])('fault 63: refuses %s and names the field', async (body, sentence) => {
    const { post, db } = await siteWithProgram()
    const answer = await post(START, body, { 'content-type': 'application/json' })
    expect([answer.status, answer.headers['content-type']]).toEqual([400, JSON_TYPE])
    expect(bodyOf(answer)).toEqual({ error: expect.stringContaining(sentence) })
    expect(db.$client.prepare('select count(*) from device_grants').pluck().get()).toBe(0)
  })

  it('is refused as JSON with the time to come back when it happens too often, not from elsewhere', async () => {
    const { post } = await siteWithProgram({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
    const from = (address: string) => post(START, undefined, { 'x-forwarded-for': address })
    for (let count = 0; count < 30; count++) expect((await from('198.51.100.7')).status).toBe(200)
    const refused = await from('198.51.100.7')
    expect([refused.status, bodyOf(refused)]).toEqual([
      429,
      { error: expect.stringMatching(/^That was too often\. Try again in/) },
    ])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await from('198.51.100.8')).status).toBe(200)
  })
})

describe('polling', () => {
  it('answers pending until somebody authorizes, then the token, once', async () => {
    const { start, poll, approve, member, db } = await siteWithProgram()
    const { device_code, user_code } = await start({ device_name: 'ana’s laptop' })
    const pending = await poll(device_code)
    expect([pending.status, pending.text, pending.headers['cache-control']]).toEqual([
      200,
      '{"status":"pending"}',
      'no-store',
    ])
    await approve(member, user_code)
    const authorized = await poll(device_code)
    expect(authorized.status).toBe(200)
    expect(bodyOf(authorized)).toEqual({
      status: 'authorized',
      access_token: expect.stringMatching(/^slipway_cli_[0-9A-Za-z]{36}$/),
    })
    const again = await poll(device_code)
    expect([again.status, again.text]).toEqual([410, '{"status":"expired"}'])
    expect(db.select().from(userTokens).all()).toMatchObject([
      { userId: member.id, tokenType: 'cli', clientId: 'runcomfy', name: 'ana’s laptop', scopes: 'write' },
    ])
  })

  it('answers 410 with its status after Deny', async () => {
    const { start, poll, member, signedIn } = await siteWithProgram()
    const { device_code, user_code } = await start()
    const browser = signedIn(member)
    await browser.mutate('deviceGrants.lookUp', { userCode: user_code })
    await browser.mutate('deviceGrants.deny', { userCode: user_code })
    for (let count = 0; count < 2; count++) {
      const { status, text } = await poll(device_code)
      expect([status, text]).toEqual([410, '{"status":"denied"}'])
    }
  })

  test.each([false, true])(
    'answers 410 expired after 10 minutes, authorized before: %s',
    async (isApproved) => {
      const { start, poll, approve, member, clock, db } = await siteWithProgram()
      const { device_code, user_code } = await start()
      if (isApproved) await approve(member, user_code)
      clock.advance(600_000 - 1)
      if (!isApproved) expect(bodyOf(await poll(device_code))).toEqual({ status: 'pending' })
      clock.advance(1)
      const { status, text } = await poll(device_code)
      expect([status, text]).toEqual([410, '{"status":"expired"}'])
      expect(db.select().from(userTokens).all()).toEqual([])
    },
  )

  test.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{}',
    '{"device_code":null}',
    '{"device_code":7}',
    '{"device_code":""}',
    '{"device_code":{"__proto__":1}}',
    '{"device_code":"unknown"}',
    TOO_LONG.replace('name', 'code'),
    'device_code=x',
    '\u0000',
  ])('answers 410 expired to what is no code: %j', async (body) => {
    const { post, logged } = await siteWithProgram()
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'image/png']) {
      const { status, text, headers } = await post(POLL, body, { 'content-type': type })
      expect([status, text, headers['content-type']]).toEqual([410, '{"status":"expired"}', JSON_TYPE])
    }
    expect(logged).toEqual([])
  })

  it('answers pending while the server fails, and loses nothing by it', async () => {
    const { start, poll, approve, member, db, dataDir } = await siteWithProgram()
    const { device_code, user_code } = await start()
    await approve(member, user_code)
    const other = new Database(join(dataDir, 'slipway.db'))
    onTestFinished(() => void other.close())
    db.$client.pragma('busy_timeout = 50')
    other.exec('begin immediate')
    const busy = await poll(device_code)
    expect([busy.status, busy.text]).toEqual([503, '{"status":"pending"}'])
    other.exec('rollback')
    expect(bodyOf(await poll(device_code))).toMatchObject({ status: 'authorized' })
    db.$client.exec('drop table device_grants')
    expect((await poll(device_code)).text).toBe('{"status":"pending"}')
  })

  it('fault 74: never says slow_down, and a storm of polls writes nothing', async () => {
    const { start, poll, db, ...site } = await siteWithProgram()
    const { device_code } = await start()
    const writes = () => db.$client.prepare('select total_changes()').pluck().get()
    const [before, written] = [onlyGrant({ db }), writes()]
    const answers = await Promise.all(Array.from({ length: 200 }, () => poll(device_code)))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set(['200 {"status":"pending"}']),
    )
    expect([onlyGrant({ db }), writes()]).toEqual([before, written])
    expect(site.logged).toEqual([])
  })

  it('fault 74: nor of a login that was begun by OAuth, however often it is asked', async () => {
    const { poll, approve, member, ...site } = await siteWithProgram()
    const { device_code, user_code } = await oauthProgram({ ...site, member }).begin()
    for (let count = 0; count < 20; count++)
      expect((await poll(device_code)).text).toBe('{"status":"pending"}')
    await approve(member, user_code)
    expect(bodyOf(await poll(device_code))).toMatchObject({ status: 'authorized' })
  })

  it('fault 74: a login of another client is none of its', async () => {
    const { poll, approve, member, visitor, ...site } = await siteWithProgram({
      env: { OAUTH_CLIENTS: 'other' },
    })
    const started = dataOf<{ deviceCode: string; userCode: string }>(
      await visitor().mutate('deviceGrants.start', { clientId: 'other' }),
    )
    await approve(member, started.userCode)
    expect((await poll(started.deviceCode)).text).toBe('{"status":"expired"}')
    expect(onlyGrant(site).status).toBe('approved')
  })

  it('fault 76: 20 polls at once get one token', async () => {
    const { start, poll, approve, member, db } = await siteWithProgram()
    const { device_code, user_code } = await start()
    await approve(member, user_code)
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(device_code)))
    expect(answers.filter(({ text }) => text.includes('access_token'))).toHaveLength(1)
    expect(answers.filter(({ text }) => text === '{"status":"expired"}')).toHaveLength(19)
    expect(db.select().from(userTokens).all()).toHaveLength(1)
  })
})

test.each([
  [START, 'POST', ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
  [POLL, 'POST', ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
  ['/api/auth/me', 'GET', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
] as const)('%s is asked with %s, and says so to any other method', async (path, allowed, others) => {
  const { visitor } = await siteWithProgram()
  const program = visitor(undefined, 'Bearer x')
  for (const method of others) {
    const answer = await program.ask(path, { method })
    expect([method, answer.status, answer.headers.allow, bodyOf(answer)]).toEqual([
      method,
      405,
      allowed,
      { error: `Ask with ${allowed}.` },
    ])
  }
})

describe('whose token it is', () => {
  const ME = '/api/auth/me'

  it('is told in RunComfy’s shape, to tokens of either type and any scope', async () => {
    const { logIn, withApiToken, member, clock } = await siteWithProgram()
    const about = (type: string) => ({
      id: member.id,
      email: member.email,
      display_name: 'Mo',
      username: null,
      token_type: type,
      token_created_at: new Date(clock()).toISOString(),
    })
    const { program } = await logIn(member)
    const answer = await program.get(ME)
    expect([answer.status, answer.headers['cache-control'], bodyOf(answer)]).toEqual([
      200,
      'no-store',
      about('cli'),
    ])
    expect(bodyOf(await withApiToken(member, ['models:read']).visitor.get(ME))).toEqual(about('api'))
    const { visitor } = withApiToken(member, ['models:read'])
    expect(dataOf(await visitor.query('account.whoami'))).toMatchObject({
      id: member.id,
      token: { type: 'api', name: 'One', scopes: ['models:read'] },
    })
  })

  it('fault 62: is 401 as JSON without a token, and with one that is not whole, unknown, revoked or expired', async () => {
    const { logIn, withApiToken, signedIn, visitor, member, db, clock } = await siteWithProgram()
    const { program, token } = await logIn(member)
    const revoked = withApiToken(member, ['read'])
    revokeApiToken(db, member.id, revoked.id, SOMEBODY, clock)
    const refused = [
      visitor(),
      signedIn(member),
      ...['', token.slice(0, -1), token.replace('_cli_', '_api_'), `slipway_cli_${'0'.repeat(36)}`].map(
        (sent) => visitor(undefined, `Bearer ${sent}`),
      ),
      visitor(undefined, `Basic ${token}`),
      visitor(undefined, token),
      revoked.visitor,
    ]
    clock.advance(90 * DAY_MS - 1)
    expect((await program.get(ME)).status).toBe(200)
    clock.advance(1)
    for (const asked of [...refused, program]) {
      const answer = await asked.get(ME)
      expect([answer.status, bodyOf(answer)]).toEqual([
        401,
        { error: expect.stringMatching(/API token|Sign in first/) },
      ])
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="slipway"')
      expect(answer.text).not.toContain(token.slice(12))
    }
  })

  it('is 429 as JSON to whoever tries too many', async () => {
    const { visitor } = await siteWithProgram()
    const guess = visitor(undefined, 'Bearer slipway_cli_guess')
    for (let count = 0; count < 60; count++) expect((await guess.get(ME)).status).toBe(401)
    const answer = await guess.get(ME)
    expect([answer.status, bodyOf(answer)]).toEqual([429, { error: expect.stringContaining('too often') }])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('fault 62: a token of the command line', () => {
  it('does what it was granted, and no more', async () => {
    const { logIn, member } = await siteWithProgram()
    const { program } = await logIn(member, { scopes: ['machines:read'] })
    expect((await program.query('machines.list')).status).toBe(200)
    const refused = await program.query('providerTokens.list')
    expect([refused.status, refusalOf(refused).message]).toMatchObject([403, /lacks the scope/])
  })

  it('ends when it is revoked, alone', async () => {
    const { logIn, member, signedIn } = await siteWithProgram()
    const [one, other] = [await logIn(member), await logIn(member)]
    const browser = signedIn(member)
    const listed = dataOf<{ id: string; type: string }[]>(await browser.query('apiTokens.list'))
    expect(listed.map(({ type }) => type)).toEqual(['cli', 'cli'])
    await other.program.mutate('apiTokens.revoke', { id: listed[1]?.id })
    const open = [one, other].map(({ program }) =>
      program.query('machines.list').then(({ status }) => status),
    )
    expect((await Promise.all(open)).sort()).toEqual([200, 401])
  })

  it('stops administering when its user is no administrator any more, at once', async () => {
    const { logIn, admin, db, failMachine } = await siteWithProgram()
    const { program } = await logIn(admin, { scopes: ['write', 'admin:write'] })
    failMachine(admin)
    const retry = async () => (await program.mutate('admin.retryFailed', { class: 'start_timeout' })).status
    const list = async () => (await program.query('admin.failedLaunches', {})).status
    const become = (role: string) =>
      db.$client.prepare('update users set role = ? where id = ?').run(role, admin.id)
    expect([await list(), await retry()]).toEqual([200, 200])
    become('member')
    expect([await list(), await retry()]).toEqual([403, 403])
    expect((await program.query('machines.list')).status).toBe(200)
    become('admin')
    expect(await list()).toBe(200)
  })
})
