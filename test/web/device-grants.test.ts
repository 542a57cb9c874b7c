import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { mintUserCode } from '~/db/device-codes'
import { auditEntries, deviceGrants, userTokens } from '~/db/schema'
import { createUser, type User } from '~/db/users'
import { bodyOf, onlyGrant, siteWithProgram } from './device-login'
import { type Answer, dataOf, refusalOf } from './visitor'

const statusOf = async (answer: Promise<Answer>) => bodyOf<{ status: string }>(await answer).status

describe('fault 72: whoever guesses codes', () => {
  it('is limited after 10 tries, gets no answer for a right one, and is written down once', async () => {
    const { start, signedIn, member, db, logged, ...site } = await siteWithProgram()
    const { user_code } = await start()
    const guesser = signedIn(member)
    const guesses = Array.from({ length: 200 }, mintUserCode).filter((code) => code !== user_code)
    const answers = await Promise.all(
      guesses.map((userCode) => guesser.mutate('deviceGrants.lookUp', { userCode })),
    )
    const [wrong, limited] = [404, 429].map((status) => answers.filter((answer) => answer.status === status))
    expect([wrong?.length, limited?.length]).toEqual([10, guesses.length - 10])
    expect(refusalOf(limited?.[0] as never).message).toMatch(/^Too many wrong codes\. Try again in/)
    expect(Number(limited?.[0]?.headers['retry-after'])).toBeGreaterThan(0)
    expect((await guesser.mutate('deviceGrants.lookUp', { userCode: user_code })).status).toBe(429)
    expect(onlyGrant({ db })).toMatchObject({ userId: null, strangers: 0, status: 'pending' })
    const alarms = db.select().from(auditEntries).all()
    expect(alarms).toMatchObject([
      { action: 'device_codes_guessed', actorId: member.id, address: '127.0.0.1' },
    ])
    const warnings = logged.filter((line) => line.includes('device codes are being guessed'))
    expect(warnings).toEqual([expect.stringContaining(member.id)])
    // Whoever is on the same network isn't kept out by that.
    expect((await site.approve(site.admin, user_code)).status).toBe(200)
  })

  it('is limited with several accounts too, by the network address', async () => {
    const { signedIn, db, clock, member, logged, start, approve } = await siteWithProgram({
      env: { TRUSTED_PROXIES: '127.0.0.1' },
    })
    const lookAs = (user: User, address: string) =>
      signedIn(user).mutate(
        'deviceGrants.lookUp',
        { userCode: mintUserCode() },
        { 'x-forwarded-for': address },
      )
    for (const name of ['A', 'B', 'C']) {
      const user = createUser(db, { name, role: 'member' }, clock)
      for (let count = 0; count < 10; count++) expect((await lookAs(user, '198.51.100.7')).status).toBe(404)
    }
    for (let count = 0; count < 20; count++) {
      const refused = await lookAs(member, '198.51.100.7')
      expect([refused.status, refusalOf(refused).message]).toMatchObject([
        ...[429, /^Too many wrong codes from your network\. Try again in/],
      ])
    }
    // Who only shares that network is neither accused nor kept out elsewhere.
    expect(db.select().from(auditEntries).all()).toMatchObject([
      { action: 'device_codes_guessed', actorId: null, subjectId: null, address: '198.51.100.7' },
    ])
    expect(logged.join('')).not.toContain(member.id)
    expect((await lookAs(member, '198.51.100.8')).status).toBe(404)
    expect((await approve(member, (await start()).user_code)).status).toBe(200)
  })

  it.each(['', 'BCDF', 'BCDF-23456', 'BCDFG-2345', '2345-BCDF', 'http://home'])(
    'has no try counted for %j, which can be no code',
    async (userCode) => {
      const { signedIn, member } = await siteWithProgram()
      const look = () => signedIn(member).mutate('deviceGrants.lookUp', { userCode })
      for (let count = 0; count < 40; count++) expect((await look()).status).toBe(404)
    },
  )

  it('is not who looks at one and the same right code again and again', async () => {
    const { start, signedIn, member } = await siteWithProgram()
    const { user_code: userCode } = await start()
    const browser = signedIn(member)
    for (let count = 0; count < 40; count++)
      expect((await browser.mutate('deviceGrants.lookUp', { userCode })).status).toBe(200)
  })

  it('kills a code that others go on entering after somebody did', async () => {
    const { start, poll, signedIn, member, admin, db, logged } = await siteWithProgram()
    const { device_code, user_code: userCode } = await start()
    await signedIn(member).mutate('deviceGrants.lookUp', { userCode })
    for (let count = 0; count < 5; count++) {
      expect(await statusOf(poll(device_code))).toBe('pending')
      expect((await signedIn(admin).mutate('deviceGrants.lookUp', { userCode })).status).toBe(404)
    }
    expect(await statusOf(poll(device_code))).toBe('denied')
    expect((await signedIn(member).mutate('deviceGrants.approve', { userCode })).status).toBe(404)
    expect(onlyGrant({ db }).status).toBe('denied')
    const entries = db.select().from(auditEntries).all()
    expect(entries).toMatchObject([
      {
        ...{ action: 'device_denied', subjectId: member.id, actorId: null, address: null },
        detail: 'Others kept entering its code',
      },
    ])
    const warnings = logged.filter((line) => line.includes('others kept entering its code'))
    expect(warnings).toEqual([expect.stringContaining(admin.id)])
  })
})

describe('fault 73: only who entered the code first decides', () => {
  test.each(['approve', 'deny'])(
    '%s by somebody else, or without looking first, is refused',
    async (decide) => {
      const { start, poll, signedIn, member, admin, db } = await siteWithProgram()
      const { device_code, user_code: userCode } = await start()
      const [mine, others] = [signedIn(member), signedIn(admin)]
      expect((await mine.mutate(`deviceGrants.${decide}`, { userCode })).status).toBe(404)
      expect(dataOf(await mine.mutate('deviceGrants.lookUp', { userCode }))).toMatchObject({
        clientId: 'runcomfy',
        scopes: ['write'],
        address: '127.0.0.1',
      })
      const unknown = refusalOf(await others.mutate('deviceGrants.lookUp', { userCode: mintUserCode() }))
      for (const procedure of ['lookUp', decide]) {
        const refused = await others.mutate(`deviceGrants.${procedure}`, { userCode })
        expect([refused.status, refusalOf(refused)]).toEqual([404, unknown])
      }
      expect(await statusOf(poll(device_code))).toBe('pending')
      expect((await mine.mutate('deviceGrants.approve', { userCode })).status).toBe(200)
      expect(await statusOf(poll(device_code))).toBe('authorized')
      expect(db.select().from(userTokens).all()).toMatchObject([{ userId: member.id }])
    },
  )

  it('once: what was denied or has its token stays', async () => {
    const { start, approve, poll, signedIn, member } = await siteWithProgram()
    const browser = signedIn(member)
    const expectFinal = async (userCode: string) => {
      for (const again of ['lookUp', 'deny', 'approve'])
        expect((await browser.mutate(`deviceGrants.${again}`, { userCode })).status).toBe(404)
    }
    const [redeemed, denied] = [await start(), await start()]
    await approve(member, redeemed.user_code)
    expect(await statusOf(poll(redeemed.device_code))).toBe('authorized')
    await expectFinal(redeemed.user_code)
    await browser.mutate('deviceGrants.lookUp', { userCode: denied.user_code })
    await browser.mutate('deviceGrants.deny', { userCode: denied.user_code })
    await expectFinal(denied.user_code)
    expect(await statusOf(poll(denied.device_code))).toBe('denied')
  })

  it('and may take it back as long as there is no token', async () => {
    const { start, approve, poll, signedIn, member, admin, db, clock } = await siteWithProgram()
    const [taken, late] = [await start(), await start()]
    const deny = async (user: User, userCode: string) =>
      (await signedIn(user).mutate('deviceGrants.deny', { userCode })).status
    for (const { user_code } of [taken, late]) await approve(member, user_code)
    expect([await deny(admin, taken.user_code), await deny(member, taken.user_code)]).toEqual([404, 200])
    expect(await statusOf(poll(taken.device_code))).toBe('denied')
    expect(db.select().from(userTokens).all()).toEqual([])
    expect(db.select().from(auditEntries).all().at(-1)).toMatchObject({ action: 'device_denied' })
    clock.advance(600_000)
    expect(await deny(member, late.user_code)).toBe(404)
  })

  it('in time: after 10 minutes there is nothing to decide', async () => {
    const { start, clock, signedIn, member, db } = await siteWithProgram()
    const { user_code: userCode } = await start()
    const browser = signedIn(member)
    await browser.mutate('deviceGrants.lookUp', { userCode })
    clock.advance(600_000)
    for (const late of ['lookUp', 'approve', 'deny'])
      expect((await browser.mutate(`deviceGrants.${late}`, { userCode })).status).toBe(404)
    expect(onlyGrant({ db }).status).toBe('pending')
  })

  it('with one code at a time, though several wait', async () => {
    const { start, poll, approve, member } = await siteWithProgram()
    const [one, other] = [await start(), await start()]
    await approve(member, one.user_code)
    expect(await statusOf(poll(other.device_code))).toBe('pending')
    expect(await statusOf(poll(one.device_code))).toBe('authorized')
  })
})

describe('fault 63: nobody gives more than they have', () => {
  test.each([['admin:read'], ['admin:write'], ['write', 'admin:read']])(
    'a member can’t let in what asks for %s, and can deny it',
    async (...scopes) => {
      const { start, poll, approve, signedIn, member, db } = await siteWithProgram()
      const { device_code, user_code: userCode } = await start({ scopes })
      const refused = await approve(member, userCode)
      expect([refused.status, refusalOf(refused).message]).toMatchObject([403, /which your account may not/])
      expect(await statusOf(poll(device_code))).toBe('pending')
      expect(db.select().from(auditEntries).all()).toEqual([])
      expect((await signedIn(member).mutate('deviceGrants.deny', { userCode })).status).toBe(200)
      expect(await statusOf(poll(device_code))).toBe('denied')
      expect(db.select().from(auditEntries).all()).toMatchObject([{ action: 'device_denied' }])
    },
  )

  it('an administrator’s token can’t be had by `write`, nor by making one', async () => {
    const { logIn, admin, signedIn } = await siteWithProgram()
    const { program } = await logIn(admin)
    expect((await program.query('admin.failedLaunches', {})).status).toBe(403)
    const input = { name: 'One', scopes: ['admin:write'] }
    for (const asked of [signedIn(admin), program])
      expect([400, 403]).toContain((await asked.mutate('apiTokens.create', input)).status)
  })

  it('a token of the command line lets nothing in and makes no token, whatever it was granted', async () => {
    const { logIn, start, admin } = await siteWithProgram()
    const { program } = await logIn(admin, { scopes: ['write', 'admin:write'] })
    const { user_code: userCode } = await start()
    for (const procedure of ['lookUp', 'approve', 'deny'])
      expect((await program.mutate(`deviceGrants.${procedure}`, { userCode })).status).toBe(403)
    expect((await program.mutate('apiTokens.create', { name: 'One', scopes: ['read'] })).status).toBe(403)
  })

  it('whom a login is for is decided by who lets it in, whatever the program says', async () => {
    const { visitor, approve, admin, member, db } = await siteWithProgram()
    const mine = { userId: admin.id, user_id: admin.id, status: 'approved', expiresAt: 9e15 }
    const started = await visitor().mutate('deviceGrants.start', {
      clientId: 'runcomfy',
      ...mine,
    })
    const { deviceCode, userCode } = dataOf<{ deviceCode: string; userCode: string }>(started)
    expect(onlyGrant({ db })).toMatchObject({ userId: null, status: 'pending' })
    await approve(member, userCode)
    const asked = { deviceCode, clientId: 'runcomfy', ...mine }
    expect(dataOf(await visitor().mutate('deviceGrants.redeem', asked))).toMatchObject({ state: 'redeemed' })
    expect(db.select().from(userTokens).all()).toMatchObject([{ userId: member.id }])
  })
})

test.each([
  ['deviceName', 'x'.repeat(10_000), 'deviceName: is longer than 200 characters'],
  ['protocol', 'none', 'protocol: '],
])('fault 63: a login with a wrong %s is refused by name', async (field, value, sentence) => {
  const { visitor, db } = await siteWithProgram()
  const refused = await visitor().mutate('deviceGrants.start', { clientId: 'runcomfy', [field]: value })
  expect([refused.status, refusalOf(refused).message]).toEqual([400, expect.stringContaining(sentence)])
  expect(db.select().from(deviceGrants).all()).toEqual([])
})

test.each(['approve', 'deny'])('deviceGrants.%s wants a code or an id', async (decide) => {
  const { signedIn, member } = await siteWithProgram()
  const refused = await signedIn(member).mutate(`deviceGrants.${decide}`, {})
  expect([refused.status, refusalOf(refused).message]).toEqual([400, 'userCode: is missing'])
})

it('whoever has a whole IPv6 site begins no more logins than a few networks', async () => {
  const { post } = await siteWithProgram({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
  const from = async (address: string) =>
    (await post('/api/cli-auth/start', undefined, { 'x-forwarded-for': address })).status
  for (let network = 0; network < 120; network++) expect(await from(`2001:db8:1:${network}::1`)).toBe(200)
  expect([await from('2001:db8:1:ffff::1'), await from('2001:db8:2:1::1')]).toEqual([429, 200])
})

it('codes and tokens are nowhere to be found in the database, and in no line of the log', async () => {
  const { start, poll, approve, member, db, dataDir, logged } = await siteWithProgram()
  const waiting = await start({ device_name: 'CANARYname' })
  const { device_code, user_code } = await start()
  await approve(member, user_code)
  const { access_token } = bodyOf<{ access_token: string }>(await poll(device_code))
  const bytes = ['slipway.db', 'slipway.db-wal']
    .map((name) => readFileSync(join(dataDir, name), 'latin1'))
    .join('')
  // The search works: what may be there is found.
  expect(bytes).toContain('CANARYname')
  const userCodes = [user_code, waiting.user_code].flatMap((code) => [code, code.replace('-', '')])
  for (const secret of [
    device_code,
    waiting.device_code,
    ...userCodes,
    access_token,
    access_token.slice(16, -4),
  ]) {
    expect(secret).toMatch(/^\S{8,}$/)
    expect(bytes).not.toContain(secret)
    expect(logged.join('\n')).not.toContain(secret)
  }
  expect(db.select().from(deviceGrants).all()).toHaveLength(2)
})
