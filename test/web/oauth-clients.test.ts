import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { fetch as undiciFetch } from 'undici'
import { expect, it, onTestFinished, test, vi } from 'vitest'
import { GRANT_TYPE, oauthProgram } from './oauth-program'
import { ORIGIN, type Site, startSite } from './site'

const ENV = {
  OAUTH_CLIENTS: 'desk=Desk of Example Inc.',
  OAUTH_RESOURCE_SERVERS: 'file-server:CANARY-secret_of.the~file=server0',
}
const [, RESOURCE_SECRET = ''] = ENV.OAUTH_RESOURCE_SERVERS.split(':')

/** What a client fetches with, and everything that it was answered with at one path. */
function fetching({ dispatcher }: Site) {
  const answers: { path: string; status: number; body: unknown }[] = []
  const fetch = async (url: string, init: object): Promise<Response> => {
    const answer = (await undiciFetch(url, { ...init, dispatcher })) as unknown as Response
    answers.push({ path: new URL(url).pathname, status: answer.status, body: await answer.clone().json() })
    return answer
  }
  return { answers, fetch }
}

/** The seconds that a client waits between two questions pass on the site's clock instead of here. */
function passWaits({ clock }: Site): void {
  const { setTimeout } = globalThis
  const spy = vi.spyOn(globalThis, 'setTimeout')
  spy.mockImplementation(((work: () => void, ms?: number) => {
    if (ms !== 5000) return setTimeout(work, ms)
    clock.advance(ms)
    return setTimeout(work, 0)
  }) as typeof setTimeout)
  onTestFinished(() => spy.mockRestore())
}

it('openid-client logs in, is slowed down, asks about its token and revokes it', async () => {
  const site = await startSite({ env: ENV })
  const { answers, fetch } = fetching(site)
  const discover = (id: string, auth: client.ClientAuth) =>
    client.discovery(new URL(ORIGIN), id, undefined, auth, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
      [client.customFetch]: fetch,
    })
  const config = await discover('desk', client.None())
  const begun = await client.initiateDeviceAuthorization(config, { scope: 'machines:read' })
  expect([begun.verification_uri, begun.interval]).toEqual([`${ORIGIN}/cli-auth`, 5])

  passWaits(site)
  const other = oauthProgram(site, 'desk')
  const polls = () => answers.filter(({ path }) => path === '/oauth/token')
  config[client.customFetch] = async (url, init) => {
    // Between the first two of its questions somebody else asks with the same code, and before the last it is decided.
    if (polls().length === 1) await other.poll(begun)
    if (polls().length === 3) await other.decide(site.member, begun, 'approve')
    return fetch(url, init as object)
  }
  const tokens = await client.pollDeviceAuthorizationGrant(config, begun)
  expect(polls().map(({ body }) => (body as { error?: string }).error)).toEqual([
    'authorization_pending',
    'slow_down',
    'authorization_pending',
    undefined,
  ])
  expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'machines:read', expires_in: 90 * 24 * 3600 })

  const server = await discover('file-server', client.ClientSecretBasic(RESOURCE_SECRET))
  expect(await client.tokenIntrospection(server, tokens.access_token)).toMatchObject({
    active: true,
    client_id: 'desk',
    sub: site.member.id,
  })
  await client.tokenRevocation(config, tokens.access_token)
  expect(await client.tokenIntrospection(server, tokens.access_token)).toEqual({ active: false })
  expect(site.logged.join('')).not.toMatch(/CANARY|slipway_cli_/)
})

it('oauth4webapi logs in, asks about its token and revokes it', async () => {
  const site = await startSite({ env: ENV })
  const { fetch } = fetching(site)
  const options = {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: fetch as typeof globalThis.fetch,
  }
  const discovered = await oauth.discoveryRequest(new URL(ORIGIN), { ...options, algorithm: 'oauth2' })
  const as = await oauth.processDiscoveryResponse(new URL(ORIGIN), discovered)
  const desk = { client_id: 'desk' }
  const begun = await oauth.processDeviceAuthorizationResponse(
    as,
    desk,
    await oauth.deviceAuthorizationRequest(as, desk, oauth.None(), {}, options),
  )
  const exchange = async () =>
    oauth.processDeviceCodeResponse(
      as,
      desk,
      await oauth.deviceCodeGrantRequest(as, desk, oauth.None(), begun.device_code, options),
    )
  await expect(exchange()).rejects.toMatchObject({ error: 'authorization_pending', status: 400 })
  await oauthProgram(site).decide(site.member, begun, 'approve')
  const { access_token, scope } = await exchange()
  expect(scope).toBe('write')
  await expect(exchange()).rejects.toMatchObject({ error: 'invalid_grant', status: 400 })

  const introspect = async () => {
    const server = { client_id: 'file-server' }
    const auth = oauth.ClientSecretBasic(RESOURCE_SECRET)
    const answer = await oauth.introspectionRequest(as, server, auth, access_token, options)
    return oauth.processIntrospectionResponse(as, server, answer)
  }
  expect(await introspect()).toMatchObject({ active: true, iss: ORIGIN })
  const revoked = await oauth.revocationRequest(as, desk, oauth.None(), access_token, options)
  expect(await oauth.processRevocationResponse(revoked)).toBeUndefined()
  expect(await introspect()).toEqual({ active: false })
})

it('a discovery names everything there is, under exactly the public address', async () => {
  const { visitor } = await startSite({ env: ENV })
  const { status, headers, text } = await visitor().get('/.well-known/oauth-authorization-server')
  expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^application\/json\b/)])
  const { scopes_supported, ...metadata } = JSON.parse(text)
  expect(metadata).toEqual({
    issuer: ORIGIN,
    device_authorization_endpoint: `${ORIGIN}/oauth/device_authorization`,
    token_endpoint: `${ORIGIN}/oauth/token`,
    revocation_endpoint: `${ORIGIN}/oauth/revoke`,
    introspection_endpoint: `${ORIGIN}/oauth/introspect`,
    grant_types_supported: [GRANT_TYPE],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
  })
  expect(scopes_supported).toEqual(expect.arrayContaining(['read', 'write', 'machines:read']))
  expect(scopes_supported.join()).not.toContain('admin')
})

it('without resource servers a discovery offers them no way to sign in', async () => {
  const { visitor } = await startSite()
  const { text } = await visitor().get('/.well-known/oauth-authorization-server')
  expect(JSON.parse(text).introspection_endpoint_auth_methods_supported).toEqual(['Bearer'])
})

/** What clients in the field can't do without, by the answer that they read it from. */
const isInteger = expect.toSatisfy(Number.isInteger, 'is an integer')
const DEMANDS: [string, Record<'device' | 'slowDown' | 'token' | 'revocation', object>][] = [
  [
    'gh',
    {
      device: { verification_uri: `${ORIGIN}/cli-auth`, interval: isInteger, expires_in: isInteger },
      slowDown: { error: 'slow_down', interval: 10 },
      token: { access_token: expect.any(String), token_type: expect.any(String), scope: 'write' },
      revocation: {},
    },
  ],
  [
    'Vercel’s',
    {
      device: { verification_uri_complete: `${ORIGIN}/cli-auth`, interval: isInteger },
      slowDown: { error: 'slow_down' },
      token: { token_type: 'Bearer', expires_in: isInteger },
      revocation: {},
    },
  ],
  [
    'Stripe’s, which says for how long it is logged in',
    {
      device: { user_code: expect.stringMatching(/^[A-Z]{4}-\d{4}$/), expires_in: 600 },
      slowDown: { error_description: expect.any(String) },
      token: { expires_in: 90 * 24 * 3600 },
      revocation: {},
    },
  ],
]

test.each(DEMANDS)('%s command line finds what it demands', async (_whose, demands) => {
  const site = await startSite({ env: ENV })
  const { post, poll, decide, revoke } = oauthProgram(site, 'desk')
  // gh sends the scope also when it has none to ask for.
  const begun = await post('/oauth/device_authorization', { client_id: 'desk', scope: '' })
  expect([begun.status, begun.body]).toEqual([200, expect.objectContaining(demands.device)])
  await poll(begun.body)
  expect((await poll(begun.body)).body).toMatchObject(demands.slowDown)
  await decide(site.member, begun.body, 'approve')
  const { body } = await poll(begun.body)
  expect(body).toMatchObject(demands.token)
  const revoked = await revoke(body.access_token)
  expect([revoked.status, revoked.body]).toEqual([200, demands.revocation])
})
