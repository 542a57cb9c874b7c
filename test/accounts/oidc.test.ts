import { expect, it, onTestFinished, test } from 'vitest'
import { openOidc } from '~/app/accounts/oidc'
import { CLIENT_ID, startOidcProvider } from '../fakes/oidc'
import { recordingLogger } from '../support/logger'

const PUBLIC_URL = 'http://slipway.test:3000'
const SECRET = 'CANARYbrowser1'
const CLIENT_SECRET = 'CANARYclient'
const MO = { sub: 'mo-1', email: 'Mo@Example.org', email_verified: true, name: 'Mo' }

interface Setup {
  publicClient?: boolean
  claimsIn?: 'id-token' | 'userinfo'
}

/** Slipway with two providers, `google` and `work`. */
async function withProviders({ publicClient = false, claimsIn }: Setup = {}) {
  const clientSecret = publicClient ? undefined : CLIENT_SECRET
  const start = (id: string) =>
    startOidcProvider({ redirectUri: `${PUBLIC_URL}/sign-in/with/${id}/callback`, clientSecret, claimsIn })
  const [google, work] = await Promise.all([start('google'), start('work')])
  onTestFinished(async () => {
    await Promise.all([google.close(), work.close()])
  })
  const { logger, lines } = recordingLogger()
  const settings = (id: string, { issuer }: { issuer: string }) => ({
    ...{ id, label: `Label of ${id}`, issuer, clientId: CLIENT_ID, clientSecret },
  })
  const providers = [settings('google', google), settings('work', work)]
  return { google, work, oidc: openOidc({ providers, publicUrl: PUBLIC_URL, logger }), logged: lines }
}

it('says which providers there are, and nothing else of them', async () => {
  const { oidc } = await withProviders()
  expect(oidc.providers).toEqual([
    { id: 'google', label: 'Label of google' },
    { id: 'work', label: 'Label of work' },
  ])
})

test.each([
  { publicClient: false, claimsIn: 'id-token' as const },
  { publicClient: true, claimsIn: 'id-token' as const },
  { publicClient: false, claimsIn: 'userinfo' as const },
])('signs in: %j', async (setup) => {
  const { oidc, google } = await withProviders(setup)
  const answer = await google.visit(await oidc.begin('google', SECRET), MO)
  expect(await oidc.finish('google', SECRET, answer)).toEqual({
    issuer: google.issuer,
    subject: 'mo-1',
    email: 'mo@example.org',
    emailVerified: true,
    name: 'Mo',
  })
})

it('two providers sign in side by side', async () => {
  const { oidc, google, work } = await withProviders()
  const [first, second] = await Promise.all([oidc.begin('google', SECRET), oidc.begin('work', 'CANARYother')])
  const [byGoogle, byWork] = await Promise.all([
    google.visit(first, MO),
    work.visit(second, { ...MO, sub: 'w' }),
  ])
  expect((await oidc.finish('google', SECRET, byGoogle)).issuer).toBe(google.issuer)
  expect((await oidc.finish('work', 'CANARYother', byWork)).issuer).toBe(work.issuer)
})

test.each([
  [{ ...MO, email_verified: false }, 'mo@example.org', false],
  [{ sub: 'x', email: 'mo@example.org' }, 'mo@example.org', false],
  [{ sub: 'x' }, null, false],
  [{ sub: 'x', email: 'mo@example.org\r\nBcc: eve@example.org', email_verified: true }, null, true],
])('an address counts as verified only when the provider says so: %j', async (person, email, verified) => {
  const { oidc, google } = await withProviders()
  const answer = await google.visit(await oidc.begin('google', SECRET), person)
  expect(await oidc.finish('google', SECRET, answer)).toMatchObject({ email, emailVerified: verified })
})

it('the browser is sent off with PKCE, and nothing that it carries is its secret', async () => {
  const { oidc, google } = await withProviders()
  const url = await oidc.begin('google', SECRET)
  expect(url.origin).toBe(google.issuer)
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: 'code',
    redirect_uri: `${PUBLIC_URL}/sign-in/with/google/callback`,
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  })
  expect(new Set(url.searchParams.values()).size).toBe([...url.searchParams].length)
  expect(url.href).not.toContain('CANARY')
})

const stale = { code: 'gone', message: expect.stringContaining('Begin again') }

it('an answer is refused in a browser that did not ask, without asking the provider', async () => {
  const { oidc, google } = await withProviders()
  const answer = await google.visit(await oidc.begin('google', SECRET), MO)
  await expect(oidc.finish('google', 'CANARYbrowser2', answer)).rejects.toMatchObject(stale)
  for (const state of ['', 'x', '__proto__']) {
    answer.searchParams.set('state', state)
    await expect(oidc.finish('google', SECRET, answer)).rejects.toMatchObject(stale)
  }
  expect(google.requests).not.toContain('POST /token')
})

it('an answer signs in once', async () => {
  const { oidc, google } = await withProviders()
  const answer = await google.visit(await oidc.begin('google', SECRET), MO)
  await oidc.finish('google', SECRET, answer)
  await expect(oidc.finish('google', SECRET, answer)).rejects.toMatchObject(stale)
})

it('the answer of one provider is none of another', async () => {
  const { oidc, google, work } = await withProviders()
  const answer = await google.visit(await oidc.begin('google', SECRET), MO)
  await expect(oidc.finish('work', SECRET, answer)).rejects.toMatchObject(stale)

  // Even where the state was made to fit, the provider names itself in its answer.
  const state = (await oidc.begin('work', SECRET)).searchParams.get('state') ?? ''
  answer.searchParams.set('state', state)
  await expect(oidc.finish('work', SECRET, answer)).rejects.toMatchObject({ code: 'unavailable' })
  expect(work.requests).not.toContain('POST /token')
})

it('a code that was begun with another secret does not sign in', async () => {
  const { oidc, google } = await withProviders()
  const stolen = await google.visit(await oidc.begin('google', 'CANARYvictim'), MO)
  const own = await google.visit(await oidc.begin('google', SECRET), { ...MO, sub: 'eve' })
  own.searchParams.set('code', stolen.searchParams.get('code') ?? '')
  await expect(oidc.finish('google', SECRET, own)).rejects.toMatchObject(stale)
})

it('the code goes back to the address of the settings, whatever host the answer came to', async () => {
  const { oidc, google } = await withProviders()
  const answer = await google.visit(await oidc.begin('google', SECRET), MO)
  const elsewhere = new URL(`http://evil.test/x${answer.search}`)
  expect((await oidc.finish('google', SECRET, elsewhere)).subject).toBe('mo-1')
})

it('who says no at the provider reads so', async () => {
  const { oidc, google, logged } = await withProviders()
  const answer = await google.visit(await oidc.begin('google', SECRET), undefined)
  await expect(oidc.finish('google', SECRET, answer)).rejects.toMatchObject({
    code: 'forbidden',
    message: 'The sign-in was cancelled, or Label of google refused it.',
  })
  expect(logged.join()).not.toContain('CANARY')
})

it('a provider that is down is said to be, and works as soon as it is back', async () => {
  const { oidc, google, logged } = await withProviders()
  google.misbehave({ path: '/', how: 'drop' })
  const down = { code: 'unavailable', message: expect.stringMatching(/^Label of google could not/) }
  await expect(oidc.begin('google', SECRET)).rejects.toMatchObject(down)
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({ provider: 'google', networkCode: 'UND_ERR_SOCKET' })
  google.misbehave(undefined)
  expect((await oidc.begin('google', SECRET)).origin).toBe(google.issuer)
})

test.each([
  ['/token', 500],
  ['/token', 'drop'],
  ['/jwks', 500],
  ['/me', 500],
] as const)('trouble at %s (%s) is said, and nothing of the answer is logged', async (path, how) => {
  const { oidc, google, logged } = await withProviders({ claimsIn: 'userinfo' })
  const answer = await google.visit(await oidc.begin('google', SECRET), MO)
  google.misbehave({ path, how })
  await expect(oidc.finish('google', SECRET, answer)).rejects.toMatchObject({ code: 'unavailable' })
  for (const secret of ['CANARY', 'Oops', answer.searchParams.get('code') ?? '-', 'eyJ'])
    expect(logged.join()).not.toContain(secret)
})

it('a wrong client secret is the operator’s to mend: the log has the code', async () => {
  const { google } = await withProviders()
  const { logger, lines } = recordingLogger()
  const provider = { id: 'google', label: 'Google', issuer: google.issuer, clientId: CLIENT_ID }
  const oidc = openOidc({
    providers: [{ ...provider, clientSecret: 'CANARYwrong' }],
    publicUrl: PUBLIC_URL,
    logger,
  })
  const answer = await google.visit(await oidc.begin('google', SECRET), MO)
  await expect(oidc.finish('google', SECRET, answer)).rejects.toMatchObject({ code: 'unavailable' })
  expect(JSON.parse(lines.join())).toMatchObject({ provider: 'google', said: 'invalid_client' })
  expect(lines.join()).not.toContain('CANARY')
})

it('an issuer that calls itself otherwise is not trusted', async () => {
  const { google } = await withProviders()
  const { logger, lines } = recordingLogger()
  const issuer = `${google.issuer.replace('127.0.0.1', 'localhost')}`
  const provider = { id: 'google', label: 'Google', issuer, clientId: CLIENT_ID, clientSecret: undefined }
  const oidc = openOidc({ providers: [provider], publicUrl: PUBLIC_URL, logger })
  await expect(oidc.begin('google', SECRET)).rejects.toMatchObject({ code: 'unavailable' })
  expect(JSON.parse(lines.join())).toMatchObject({ reason: expect.stringContaining('issuer does not match') })
})

it('a provider that does not answer keeps nobody waiting', async () => {
  const { google } = await withProviders()
  google.misbehave({ path: '/', how: 'hang' })
  const { logger, lines } = recordingLogger()
  const provider = { id: 'google', label: 'Google', clientId: CLIENT_ID, clientSecret: undefined }
  const providers = [{ ...provider, issuer: google.issuer }]
  const oidc = openOidc({ providers, publicUrl: PUBLIC_URL, logger, limitSeconds: 0.05 })
  await expect(oidc.begin('google', SECRET)).rejects.toMatchObject({ code: 'unavailable' })
  expect(JSON.parse(lines.join())).toMatchObject({ code: 'OAUTH_TIMEOUT' })
})
