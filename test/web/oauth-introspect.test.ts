import { describe, expect, it, test } from 'vitest'
import { revokeApiToken } from '~/db/api-tokens'
import { createUser, disableUser } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { basic, oauthProgram } from './oauth-program'
import { ORIGIN, startSite } from './site'

const SECRET = 'CANARY-secret_of.the~file=server0'
const SERVER = basic('file-server', SECRET)
const LIFE_SECONDS = 90 * 24 * 3600

async function startOAuth() {
  const site = await startSite({
    env: { OAUTH_RESOURCE_SERVERS: `file-server:${SECRET}, other:${'0123456789abcdef'.repeat(4)}` },
  })
  const program = oauthProgram(site)
  /** Asks as a resource server does. */
  const ask = async (token: string) => (await program.introspect(token, SERVER)).body
  return { ...site, program, ask }
}

it('a resource server learns whose a token is, what it may do and until when', async () => {
  const { program, ask, member, clock } = await startOAuth()
  clock.advance(999)
  const token = await program.logIn(member, { scope: 'machines:read' })
  const iat = Math.floor(clock() / 1000)
  expect(await ask(token)).toEqual({
    active: true,
    scope: 'machines:read',
    client_id: 'runcomfy',
    username: 'Mo',
    sub: member.id,
    token_type: 'Bearer',
    exp: iat + LIFE_SECONDS,
    iat,
    iss: ORIGIN,
  })
})

it('a token that was made on a page has no client, and no end when it never expires', async () => {
  const { ask, member, withApiToken } = await startOAuth()
  const answer = await ask(withApiToken(member, ['read']).token)
  expect(answer).toMatchObject({ active: true, scope: 'read' })
  expect(Object.keys(answer)).not.toEqual(expect.arrayContaining(['client_id']))
  expect(Object.keys(answer)).not.toEqual(expect.arrayContaining(['exp']))
})

it('an administrator’s scopes are named while its user is one', async () => {
  const { program, ask, admin, db } = await startOAuth()
  const token = await program.logIn(admin, { scope: 'write admin:write' })
  expect((await ask(token)).scope.split(' ').sort()).toEqual(['admin:write', 'write'])
  db.$client.prepare("update users set role = 'member' where id = ?").run(admin.id)
  expect((await ask(token)).scope).toBe('write')
})

it('fault 62: of a token that opens nothing no more is said than that', async () => {
  const { program, ask, admin, member, clock, db, withApiToken } = await startOAuth()
  const expired = await program.logIn(member)
  clock.advance(LIFE_SECONDS * 1000)
  const good = await program.logIn(member)
  const revoked = withApiToken(member, ['read'])
  revokeApiToken(db, member.id, revoked.id, SOMEBODY, clock)
  const shut = createUser(db, { name: 'Bo', role: 'member' }, clock)
  const ofShut = withApiToken(shut, ['read']).token
  disableUser(db, shut.id, { ...SOMEBODY, id: admin.id }, clock)
  const mistyped = `${good.slice(0, -1)}${good.endsWith('a') ? 'b' : 'a'}`
  for (const token of [expired, revoked.token, ofShut, mistyped, good.replace('_cli_', '_api_'), 'x'])
    expect(await ask(token)).toEqual({ active: false })
  expect((await ask(good)).active).toBe(true)
})

describe('whoever sends an API token', () => {
  it('is told about tokens of the same user', async () => {
    const { program, member, withApiToken } = await startOAuth()
    const token = await program.logIn(member, { scope: 'models:read' })
    const { body } = await program.introspect(token, `Bearer ${withApiToken(member, ['read']).token}`)
    expect(body).toMatchObject({ active: true, sub: member.id })
    expect((await program.introspect(token, `Bearer ${token}`)).body).toEqual(body)
  })

  it('learns nothing of another’s, not even as an administrator', async () => {
    const { program, admin, member } = await startOAuth()
    const [token, theirs] = [await program.logIn(member), await program.logIn(admin)]
    for (const [asked, by] of [
      [token, theirs],
      [theirs, token],
    ] as const)
      expect((await program.introspect(asked, `Bearer ${by}`)).body).toEqual({ active: false })
  })
})

describe('nobody is told anything', () => {
  test.each<[string, string | undefined, string, string]>([
    ['without credentials', undefined, 'invalid_client', 'Basic realm="slipway"'],
    ['with another secret', basic('file-server', `${SECRET}x`), 'invalid_client', 'Basic realm="slipway"'],
    ['with a part of it', basic('file-server', SECRET.slice(0, -1)), 'invalid_client', 'Basic'],
    ['with another server’s secret', basic('other', SECRET), 'invalid_client', 'Basic'],
    ['as an unknown server', basic('nobody', SECRET), 'invalid_client', 'Basic'],
    ['as a name that objects have', basic('__proto__', ''), 'invalid_client', 'Basic'],
    ['as a client', basic('runcomfy', ''), 'invalid_client', 'Basic'],
    ['with credentials that can’t be decoded', basic('file-server', '%zz'), 'invalid_client', 'Basic'],
    ['with half of them', 'Basic ZmlsZQ==', 'invalid_client', 'Basic'],
    ['with nothing in them', 'Basic', 'invalid_client', 'Basic'],
    ['with a token that is none', 'Bearer CANARY', 'invalid_token', 'Bearer realm="slipway"'],
    ['with another scheme', 'Digest CANARY', 'invalid_client', 'Basic'],
  ])('%s', async (_how, authorization, error, challenge) => {
    const { program, member, logged } = await startOAuth()
    const token = await program.logIn(member)
    const sent: Record<string, string> = authorization ? { authorization } : {}
    const { status, headers, body } = await program.post('/oauth/introspect', { token }, sent)
    expect([status, body.error, headers['www-authenticate'], headers['cache-control']]).toEqual([
      ...[401, error],
      expect.stringContaining(challenge),
      'no-store',
    ])
    expect(JSON.stringify(body) + logged.join('')).not.toContain('CANARY')
  })

  it('by cookie', async () => {
    const { program, member, signedIn } = await startOAuth()
    const { cookie = '' } = signedIn(member)
    const token = await program.logIn(member)
    expect((await program.post('/oauth/introspect', { token }, { cookie })).status).toBe(401)
    const byProcedure = await signedIn(member).mutate('oauth.introspect', { token })
    expect(byProcedure.status).toBe(401)
  })

  it('who asks without a token, twice for one, or in JSON', async () => {
    const { program } = await startOAuth()
    const headers = { authorization: SERVER }
    const wrong = [
      await program.post('/oauth/introspect', {}, headers),
      await program.post('/oauth/introspect', [...[['token', 'a']], ['token', 'b']], headers),
      await program.post(
        '/oauth/introspect',
        { token: 'a' },
        { ...headers, 'content-type': 'application/json' },
      ),
    ]
    for (const { status, body } of wrong) expect([status, body.error]).toEqual([400, 'invalid_request'])
  })
})

it('credentials count form-encoded, as the RFC has them, and plain, as curl sends them', async () => {
  const { program, member } = await startOAuth()
  const token = await program.logIn(member)
  const encoded = [...SECRET].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join('')
  for (const authorization of [SERVER, basic('file%2Dserver', encoded)])
    expect((await program.introspect(token, authorization)).body.active).toBe(true)
})

it('fault 62: whoever guesses is slowed down, and a resource server’s questions are no guesses', async () => {
  const { program, ask, member, withApiToken } = await startOAuth()
  const token = await program.logIn(member)
  for (let asked = 0; asked < 61; asked++) expect(await ask('x')).toEqual({ active: false })
  const own = `Bearer ${withApiToken(member, ['read']).token}`
  for (let guess = 0; guess < 60; guess++) await program.introspect('x', own)
  for (const authorization of [own, 'Bearer x', basic('file-server', 'x')])
    expect((await program.introspect('x', authorization)).status).toBe(429)
  expect((await ask(token)).active).toBe(true)
})
