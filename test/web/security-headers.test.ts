import { expect, it, test } from 'vitest'
import { type Site, startSite } from './site'
import type { Answer } from './visitor'

const NO_MACHINE = 'a'.repeat(16)

const ANSWERS: [string, (site: Site) => Promise<Answer>][] = [
  ['a page', ({ signedIn, admin }) => signedIn(admin).get('/machines')],
  ['a page’s data', ({ signedIn, admin }) => signedIn(admin).get('/machines.data')],
  ['a page that isn’t there', ({ signedIn, admin }) => signedIn(admin).get('/nowhere')],
  ['a machine that isn’t there', ({ signedIn, admin }) => signedIn(admin).get(`/machines/${NO_MACHINE}`)],
  ['the sign-in page', ({ visitor }) => visitor().get('/sign-in')],
  ['a redirect', ({ visitor }) => visitor().get('/machines')],
  [
    'a refused form',
    ({ signedIn, admin }) => signedIn(admin).submit('/profile', { provider: 'civitai', intent: 'save' }),
  ],
  ['a procedure', ({ signedIn, admin }) => signedIn(admin).query('account.me')],
  ['a refused procedure', ({ visitor }) => visitor().query('account.me')],
  ['a procedure that isn’t there', ({ visitor }) => visitor().query('account.nothing')],
  ['a refused subscription', ({ visitor }) => visitor().query('machines.watchList')],
  ['a file', ({ signedIn, admin }) => signedIn(admin).get('/admin/audit.csv')],
  ['an icon', ({ visitor }) => visitor().get('/favicon.svg')],
  [
    'an asset',
    async ({ visitor }) => {
      const [asset = ''] = /\/assets\/[\w.-]+\.js/.exec((await visitor().get('/sign-in')).text) ?? []
      return visitor().get(asset)
    },
  ],
  [
    'a form of another site',
    ({ visitor }) => visitor().submit('/sign-out', {}, { origin: 'http://evil.test' }),
  ],
  ['another host’s name', ({ visitor }) => visitor().get('/', { host: 'evil.test' })],
  ['a body that is too large', ({ visitor }) => visitor().submit('/sign-in', { email: 'x'.repeat(100_000) })],
  ['a refused API token', ({ visitor }) => visitor(undefined, 'Bearer x').query('account.me')],
  ['the command line’s package', ({ visitor }) => visitor().get('/cli.tgz')],
  ['/healthz', ({ visitor }) => visitor().get('/healthz')],
  ['/readyz', ({ visitor }) => visitor().get('/readyz')],
]

test.each(ANSWERS)('fault 79: %s carries the security headers', async (_what, ask) => {
  const { headers } = await ask(await startSite())
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
  })
  expect(headers['x-powered-by']).toBeUndefined()
  expect(headers['strict-transport-security']).toBeUndefined()
  const policy = String(headers['content-security-policy'])
  for (const directive of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    expect(policy).toContain(directive)
  expect(policy).not.toContain('unsafe')
})

it('over https browsers are told to come by nothing else', async () => {
  const { visitor } = await startSite({ env: { PUBLIC_URL: 'https://slipway.test' } })
  const { headers } = await visitor().get('/sign-in')
  expect(headers['strict-transport-security']).toBe('max-age=31536000')
})

it('fault 79: every inline script carries the nonce of its own answer', async () => {
  const { admin, signedIn, runMachine } = await startSite()
  const browser = signedIn(admin)
  const nonces = new Set<string>()
  for (const path of [
    '/machines',
    `/machines/${runMachine(admin)}`,
    '/profile',
    '/profile/api-tokens/new',
    '/profile/sessions',
    '/profile/activity',
    '/admin/failed-launches',
    '/admin',
    '/admin/machines',
    '/admin/users',
    '/admin/audit',
    '/nowhere',
  ]) {
    const { headers, text } = await browser.get(path)
    const nonce = /'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1]
    const scripts = [...text.matchAll(/<script\b([^>]*)>/g)].map(([, attributes]) => attributes)
    expect(scripts.length).toBeGreaterThan(0)
    expect(scripts.filter((attributes) => !attributes?.includes(`nonce="${nonce}"`))).toEqual([])
    expect(text).not.toMatch(/<[^>]+\s(on[a-z]+|style)=/)
    nonces.add(String(nonce))
  }
  expect(nonces.size).toBe(12)
})

it('what belongs to one person is kept by no cache', async () => {
  const { admin, signedIn, visitor } = await startSite()
  const browser = signedIn(admin)
  for (const path of [
    '/machines',
    '/machines.data',
    '/profile',
    '/profile.data',
    '/trpc/account.me',
    '/nowhere',
  ])
    expect([path, (await browser.get(path)).headers['cache-control']]).toEqual([path, 'no-store'])
  expect((await visitor().query('account.me')).headers['cache-control']).toBe('no-store')
})

it('what a person typed is shown as text', async () => {
  const { admin, signedIn } = await startSite()
  const browser = signedIn(admin)
  const name = '"><script>alert(1)</script>'
  const { headers } = await browser.submit('/machines?index', { name, intent: 'launch' })
  for (const path of ['/machines', String(headers.location)]) {
    const { text } = await browser.get(path)
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)')
    expect(text).not.toContain('<script>alert(1)')
  }
})
