import { expect, it, test } from 'vitest'
import { parseSettings } from '~/env'

const faultsOf = (env: Record<string, string>) => {
  try {
    parseSettings(env)
    return []
  } catch (error) {
    return (error as Error).message.split('\n').slice(1)
  }
}

it('every faulty setting is named at once, those of sign-in and of each provider too', () => {
  const faults = faultsOf({
    PORT: 'x',
    SMTP_URL: 'http://mail.example.org',
    SIGN_UP: 'everybody',
    OAUTH_CLIENTS: 'a b',
    OAUTH_RESOURCE_SERVERS: 'files:short',
    OIDC_PROVIDERS: 'google,my-work',
    OIDC_GOOGLE_ISSUER: 'accounts.google.com',
    OIDC_MY_WORK_CLIENT_ID: 'slipway',
  })
  expect(faults.map((fault) => fault.trim().split(' ')[0])).toEqual([
    'PORT',
    'SMTP_URL',
    'MAIL_FROM',
    'SIGN_UP',
    'OIDC_GOOGLE_ISSUER',
    'OIDC_GOOGLE_CLIENT_ID',
    'OIDC_MY_WORK_ISSUER',
    'OAUTH_CLIENTS',
    'OAUTH_RESOURCE_SERVERS',
  ])
})

it('without settings people are invited, and the server prints their links', () => {
  expect(parseSettings({})).toMatchObject({
    smtpUrl: undefined,
    mailFrom: undefined,
    signUp: { kind: 'invite' },
    oidcProviders: [],
  })
})

test.each(['0', '65535', '1.5', '10MB', '2000000000'])(
  'logs cannot be bounded by %s bytes',
  (LOG_BYTES_MAX) => expect(faultsOf({ LOG_BYTES_MAX })).toEqual([expect.stringContaining('LOG_BYTES_MAX')]),
)

test.each(['0', '-1', '1.5', 'ever'])('logs cannot be kept for %s days', (LOG_DAYS) =>
  expect(faultsOf({ LOG_DAYS })).toEqual([expect.stringContaining('LOG_DAYS')]),
)

test.each([
  ['slipway@example.org', { name: '', address: 'slipway@example.org' }],
  ['Slipway <slipway@example.org>', { name: 'Slipway', address: 'slipway@example.org' }],
  ['"Slipway, at work" <slipway@example.org>', { name: 'Slipway, at work', address: 'slipway@example.org' }],
])('mail can be from %s', (MAIL_FROM, mailFrom) => {
  expect(parseSettings({ MAIL_FROM, SMTP_URL: 'smtp://localhost:2525' }).mailFrom).toEqual(mailFrom)
})

test.each([
  'slipway',
  'a@example.org, b@example.org',
  'A <a@example.org>, B <b@example.org>',
  'A\nB <a@b.org>',
])('mail cannot be from %j', (MAIL_FROM) =>
  expect(faultsOf({ MAIL_FROM })).toEqual([expect.stringContaining('MAIL_FROM must be')]),
)

test.each([
  ['open', { kind: 'open' }],
  ['invite', { kind: 'invite' }],
  ['domain:Example.org, example.com', { kind: 'domain', domains: ['example.org', 'example.com'] }],
])('SIGN_UP=%s', (SIGN_UP, signUp) => expect(parseSettings({ SIGN_UP }).signUp).toEqual(signUp))

test.each(['domain:', 'domain:example.org,', 'domain:@example.org', 'Open', 'example.org'])(
  'SIGN_UP=%s is refused instead of letting in the wrong people',
  (SIGN_UP) => expect(faultsOf({ SIGN_UP })).toEqual([expect.stringContaining('SIGN_UP must be')]),
)

it('several providers are set side by side, and an issuer keeps its slash', () => {
  const { oidcProviders } = parseSettings({
    OIDC_PROVIDERS: 'google, my-work',
    OIDC_GOOGLE_ISSUER: 'https://accounts.google.com',
    OIDC_GOOGLE_CLIENT_ID: 'one',
    OIDC_GOOGLE_CLIENT_SECRET: 'CANARYsecret',
    OIDC_MY_WORK_ISSUER: 'https://work.example.org/',
    OIDC_MY_WORK_CLIENT_ID: 'two',
    OIDC_MY_WORK_LABEL: 'Example Inc.',
  })
  expect(oidcProviders).toEqual([
    {
      id: 'google',
      label: 'Google',
      issuer: 'https://accounts.google.com',
      clientId: 'one',
      clientSecret: 'CANARYsecret',
    },
    {
      id: 'my-work',
      label: 'Example Inc.',
      issuer: 'https://work.example.org/',
      clientId: 'two',
      clientSecret: undefined,
    },
  ])
})

test.each(['Google', 'a b', 'a,,b', 'a,a', '-a', 'a_b'])('OIDC_PROVIDERS=%s is refused', (OIDC_PROVIDERS) =>
  expect(faultsOf({ OIDC_PROVIDERS })).toEqual([expect.stringContaining('OIDC_PROVIDERS must')]),
)

test.each([
  ['DOCKER_HOST', 'ssh://elsewhere', 'must be unix:///path or tcp://host:port'],
  ['COMFYUI_IMAGE', 'two words', 'must be the name of an image'],
  ['RUNTIME', 'magic', 'must be process, docker or kubernetes'],
  ['KUBERNETES_NAMESPACE', 'Two words', 'must be lower-case letters, digits and dashes'],
  ['KUBERNETES_VOLUME_CLAIM', '-files', 'must be lower-case letters, digits and dashes'],
  ['KUBERNETES_REACH', 'ingress', 'must be service or pod'],
  ['KUBERNETES_IMAGE_PULL_SECRET', 'x'.repeat(64), 'must be lower-case letters, digits and dashes'],
])('%s cannot be %j', (name, value, reason) =>
  expect(faultsOf({ [name]: value })).toEqual([expect.stringContaining(`${name} ${reason}`)]),
)

test.each(['comfyui', 'ghcr.io/me/comfyui:v1.2', `localhost:5000/a/b@sha256:${'0'.repeat(64)}`])(
  'an image can be %s',
  (name) => expect(parseSettings({ COMFYUI_IMAGE: name }).comfyuiImage).toBe(name),
)

test.each([
  ['MACHINES_PER_USER', '0', 'must be 1 or more'],
  ['MACHINES_MAX', '2.5', 'must be a whole number'],
  ['SESSION_HOURS', '0.1', 'must be 0.5 or more'],
  ['IDLE_MINUTES', '5', 'must be 10 or more'],
  ['DISK_PER_USER_GIB', '0', 'must be more than 0'],
])('%s cannot be %j', (name, value, reason) =>
  expect(faultsOf({ [name]: value })).toEqual([expect.stringContaining(`${name} ${reason}`)]),
)

it('without settings nothing limits machines, and the repository brings one size', () => {
  const { machineLimits, machineSizes } = parseSettings({})
  expect(Object.values(machineLimits).every((limit) => limit === undefined)).toBe(true)
  expect(machineSizes).toMatchObject([{ name: 'standard', cpus: 8, memoryGiB: 32, pids: 4096 }])
})

it('the command is a client without settings, and others are named beside it', () => {
  expect(parseSettings({}).oauthClients).toEqual([{ id: 'runcomfy', name: 'runcomfy' }])
  const { oauthClients } = parseSettings({ OAUTH_CLIENTS: 'desk, ci-1 = Builds = fast,lab=' })
  expect(oauthClients.slice(1)).toEqual([
    { id: 'desk', name: 'desk' },
    { id: 'ci-1', name: 'Builds=fast' },
    { id: 'lab', name: 'lab' },
  ])
})

test.each(['a b', 'a,', '=Name', 'a:b', 'a,a', 'runcomfy=Mine', `a=${'x'.repeat(61)}`, 'a=x\u202ey'])(
  'OAUTH_CLIENTS=%j is refused',
  (OAUTH_CLIENTS) =>
    expect(faultsOf({ OAUTH_CLIENTS })).toEqual([expect.stringContaining('OAUTH_CLIENTS must')]),
)

it('a resource server is named with its secret, and twice while the secret changes', () => {
  const [one, two] = ['CANARY-old'.repeat(4), 'CANARY/new='.repeat(4)]
  expect(parseSettings({ OAUTH_RESOURCE_SERVERS: `files:${one}, files:${two}` }).resourceServers).toEqual([
    { id: 'files', secret: one },
    { id: 'files', secret: two },
  ])
})

test.each([
  'files',
  'files:CANARY',
  `files:${'CANARY+'.repeat(8)}`,
  `a b:${'CANARY'.repeat(8)}`,
  `files:${'CANARY'.repeat(8)},`,
])('OAUTH_RESOURCE_SERVERS=%s is refused without repeating any of it', (OAUTH_RESOURCE_SERVERS) => {
  const faults = faultsOf({ OAUTH_RESOURCE_SERVERS })
  expect(faults[0]).toContain('OAUTH_RESOURCE_SERVERS must')
  expect(faults.join('')).not.toContain('CANARY')
})
