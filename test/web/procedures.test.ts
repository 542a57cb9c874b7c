import { once } from 'node:events'
import { describe, expect, it, test } from 'vitest'
import { covers, DEVICE_SCOPES } from '~/app/trpc/scopes'
import { mintApiToken } from '~/db/api-token-format'
import { revokeApiToken } from '~/db/api-tokens'
import { SOMEBODY } from '../support/actors'
import { siteWithMachine } from './machine-site'
import { inputFor, PROCEDURES } from './procedures'
import { startSite } from './site'
import { refusalOf } from './visitor'

const PUBLIC = [
  'account.beginOidc',
  'account.finishOidc',
  'account.lookAtLink',
  'account.requestLink',
  'account.signIn',
  'account.signInOptions',
  'account.signInWithCode',
  'deviceGrants.redeem',
  'deviceGrants.start',
  'oauth.introspect',
  'oauth.revoke',
  'oauth.server',
]
const NO_MACHINE = 'a'.repeat(16)

const GUARDED = PROCEDURES.filter(({ name }) => !PUBLIC.includes(name))

describe('a procedure refuses whoever is signed out', () => {
  test.each(GUARDED)('$name', async ({ name, type }) => {
    const { visitor } = await startSite()
    for (const cookie of [undefined, 'slipway_session=', 'slipway_session=guess', 'session=x']) {
      const answer = await visitor(cookie).call(name, type, inputFor(name, NO_MACHINE))
      const data = { code: 'UNAUTHORIZED', httpStatus: 401 }
      expect(refusalOf(answer)).toMatchObject({ message: 'Sign in first.', data })
      // A stream has begun by the time that it refuses.
      expect(answer.status).toBe(type === 'subscription' ? 200 : 401)
    }
  })
})

describe('fault 62: a procedure refuses an API token that is', () => {
  test.each(GUARDED)(
    'mistyped, made up, revoked, expired, or of a disabled user: $name',
    async ({ name, type }) => {
      const { admin, member, db, clock, visitor, withApiToken } = await startSite()
      const revoked = withApiToken(member, ['write'])
      revokeApiToken(db, member.id, revoked.id, SOMEBODY, clock)
      const expired = withApiToken(member, ['write'], { expiresAt: clock() + 1 })
      clock.advance(1)
      const ofDisabled = withApiToken(admin, ['write'])
      db.$client.prepare('update users set disabled_at = 1 where id = ?').run(admin.id)
      const good = withApiToken(member, ['write']).token
      const refused = [
        good.slice(0, -1),
        `${good}x`,
        `${good.slice(0, -1)}${good.endsWith('a') ? 'b' : 'a'}`,
        good.replace('slipway_api_', 'slipway_cli_'),
        mintApiToken('api'),
        mintApiToken('cli'),
        revoked.token,
        expired.token,
        ofDisabled.token,
        '',
      ]
      for (const token of refused) {
        const answer = await visitor(undefined, `Bearer ${token}`).call(
          name,
          type,
          inputFor(name, NO_MACHINE),
        )
        expect(refusalOf(answer).data).toEqual({ code: 'UNAUTHORIZED', httpStatus: 401 })
        expect(answer.status).toBe(type === 'subscription' ? 200 : 401)
        if (token) expect(answer.text).not.toContain(token)
      }
    },
  )

  const CHOOSY = GUARDED.filter(({ scope }) => scope !== 'any')
  test.each(CHOOSY)('for something else: $name', async ({ name, type, scope }) => {
    const { member, withApiToken } = await startSite({ env: { ALLOW_UNISOLATED: '1' } })
    const others = DEVICE_SCOPES.filter((granted) => !scope || !covers([granted], scope))
    const { visitor } = withApiToken(member, others)
    const answer = await visitor.call(name, type, inputFor(name, NO_MACHINE))
    expect(refusalOf(answer).data).toEqual({ code: 'FORBIDDEN', httpStatus: 403 })
    const { message } = refusalOf(answer)
    expect(message).toMatch(scope ? `lacks the scope ${scope}.` : /^No API token may do this/)
  })

  const SCOPED = GUARDED.filter(({ scope }) => scope)
  test.each(SCOPED)('and takes one with its scope: $name', async ({ name, type, scope = '' }) => {
    const { admin, member, withApiToken } = await startSite({ env: { ALLOW_UNISOLATED: '1' } })
    const user = scope.startsWith('admin:') ? admin : member
    const { visitor } = withApiToken(user, [scope === 'any' ? 'models:read' : scope])
    const answer = await visitor.begin(name, type, inputFor(name, NO_MACHINE))
    answer.body.on('error', () => undefined)
    // A subscription begins well and refuses in its stream, which has no end.
    const [said] = await once(answer.body, 'data')
    answer.body.destroy()
    expect([401, 403]).not.toContain(answer.statusCode)
    expect(String(said)).not.toMatch(/UNAUTHORIZED|FORBIDDEN/)
  })
})

describe('fault 85: what opens a machine opens no procedure', () => {
  test.each(GUARDED)('$name', async ({ name, type }) => {
    const { machineId, openedBy, enter, visitor } = await siteWithMachine()
    const ticket = new URL(await openedBy()).searchParams.get('ticket') as string
    const { cookie = '' } = await enter()
    const [, secret = ''] = cookie.split('=')
    const asked = [
      visitor(cookie),
      ...[ticket, secret].flatMap((given) => [
        visitor(`slipway_session=${given}`),
        visitor(`__Host-slipway_session=${given}`),
        visitor(undefined, `Bearer ${given}`),
      ]),
    ]
    for (const one of asked) {
      const answer = await one.call(name, type, inputFor(name, machineId))
      expect(refusalOf(answer).data).toEqual({ code: 'UNAUTHORIZED', httpStatus: 401 })
    }
    const fromItsPage = await visitor(cookie).ask(`/trpc/${name}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: `http://m-${machineId}-files.machines.test:3000`,
      },
      body: '{}',
    })
    expect(fromItsPage.status).toBe(403)
  })
})

describe('an administrator’s procedure refuses a member, and every token that was not granted it', () => {
  const procedures = PROCEDURES.filter(({ name }) => name.startsWith('admin.'))
  test.each(procedures)('$name', async ({ name, type, scope }) => {
    const { admin, member, signedIn, withApiToken } = await startSite()
    const ofMember = withApiToken(member, DEVICE_SCOPES).visitor
    for (const asked of scope ? [signedIn(member), ofMember] : [signedIn(member)]) {
      const answer = await asked.call(name, type, inputFor(name, NO_MACHINE))
      expect([answer.status, refusalOf(answer).message]).toEqual([403, 'Only an administrator may do this.'])
    }
    const { visitor } = withApiToken(admin, scope ? ['write'] : DEVICE_SCOPES)
    const byToken = await visitor.call(name, type, inputFor(name, NO_MACHINE))
    const reason = scope ? /lacks the scope admin:.*runcomfy login --admin/ : /^No API token may do this/
    expect([byToken.status, refusalOf(byToken).message]).toMatchObject([403, reason])
  })
})

it('pages send whoever is signed out to the sign-in page', async () => {
  const { visitor } = await startSite()
  for (const path of [
    '/',
    '/machines',
    '/saves',
    `/machines/${NO_MACHINE}`,
    '/profile',
    '/profile/name',
    '/profile/username',
    '/profile/api-tokens/new',
    '/profile/sessions',
    '/profile/activity',
    '/admin/failed-launches',
    '/admin',
    '/admin/machines',
    '/admin/users',
    `/admin/users/${NO_MACHINE}`,
    '/admin/settings',
    '/admin/audit',
  ]) {
    const { status, headers, text } = await visitor().get(path)
    const signIn = path === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next: path })}`
    expect([path, status, headers.location, text]).toEqual([path, 302, signIn, ''])
    const data = await visitor().get(`${path === '/' ? '/_root' : path}.data`)
    expect(data.text).toMatch(/^\[\["SingleFetchRedirect",1\]/)
    expect(data.text).toContain(`"redirect","${signIn}"`)
  }
})

it('an administrator’s page refuses a member, and isn’t offered', async () => {
  const { member, signedIn, failMachine, admin } = await startSite()
  const id = failMachine(admin, { detail: 'for administrators' })
  const page = await signedIn(member).get('/admin/failed-launches')
  expect(page.status).toBe(403)
  expect(page.text).toContain('Not allowed')
  for (const secret of [id, 'for administrators']) expect(page.text).not.toContain(secret)
  expect((await signedIn(member).get('/machines')).text).not.toContain('/admin')
  expect((await signedIn(admin).get('/machines')).text).toContain('/admin')
})

it('what changes something refuses to be asked with GET', async () => {
  const { admin, signedIn, jobs } = await startSite()
  const browser = signedIn(admin)
  for (const { name } of PROCEDURES.filter(({ type }) => type === 'mutation'))
    expect([name, (await browser.query(name, inputFor(name, NO_MACHINE))).status]).toEqual([name, 405])
  expect(jobs).toEqual([])
})

it('a fault that nobody foresaw tells its caller an id, and the log what happened', async () => {
  const { db, admin, signedIn, logged } = await startSite()
  const browser = signedIn(admin)
  db.$client.exec('drop table machine_events')
  const failing = await browser.mutate('machines.launch', {})
  expect(failing.status).toBe(500)
  const id = /under ([a-z2-7]{16})\.$/.exec(refusalOf(failing).message)?.[1]
  expect(failing.text).not.toMatch(/machine_events|stack|\.ts/)
  expect(logged.some((line) => line.includes(`"requestId":"${id}"`) && line.includes('machine_events'))).toBe(
    true,
  )
})
