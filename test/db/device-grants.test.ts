import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { hashUserCode, mintUserCode } from '~/db/device-codes'
import { claimDeviceGrant, decideDeviceGrant } from '~/db/device-grant-decisions'
import { type Redemption, redeemDeviceGrant } from '~/db/device-grant-redemption'
import { deleteEndedDeviceGrants, startDeviceGrant } from '~/db/device-grants'
import type { Db } from '~/db/open'
import { auditEntries, deviceGrants, userTokens } from '~/db/schema'
import { disableUser, enableUser, type User } from '~/db/users'
import { SOMEBODY, SOMEWHERE } from '../support/actors'
import { bundled } from '../support/bundle'
import { testInstallation } from '../support/installation'
import { race } from '../support/race'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const ASKED = {
  clientId: 'runcomfy',
  protocol: 'runcomfy' as const,
  deviceName: 'ana’s laptop',
  scopes: ['write'],
  from: SOMEWHERE,
}

/** @returns the code that the program polls with */
function authorized(db: Db, user: User): string {
  const { deviceCode, userCode } = startDeviceGrant(db, ASKED, Date.now)
  claimDeviceGrant(db, user.id, userCode, Date.now)
  decideDeviceGrant(db, user.id, { userCode, decision: 'approved' }, SOMEBODY, Date.now)
  return deviceCode
}

it('fault 76: four processes that redeem the same login at once get one token', async () => {
  const { db, dataDir, member } = testInstallation()
  const outcomes = await race<Redemption>(dataDir, 'redeem-device', authorized(db, member))
  const states = outcomes.map(({ result }) => result?.state).sort()
  expect(states).toEqual(['invalid', 'invalid', 'invalid', 'redeemed'])
  expect(db.select().from(userTokens).all()).toHaveLength(1)
})

it('fault 76: who found the login authorized just before another redeemed it gets no token', () => {
  const { db, member } = testInstallation()
  const grant = { deviceCode: authorized(db, member), clientId: 'runcomfy', from: SOMEWHERE }
  const others: Redemption[] = []
  const clock = () => {
    if (!others.length) others.push(redeemDeviceGrant(db, grant, Date.now))
    return Date.now()
  }
  expect(redeemDeviceGrant(db, grant, clock)).toEqual({ state: 'invalid' })
  expect(others).toMatchObject([{ state: 'redeemed' }])
  expect(db.select().from(userTokens).all()).toHaveLength(1)
})

it('fault 76: a process that is killed at any moment of the exchange leaves the login as it was', async () => {
  const { db, dataDir, member } = testInstallation()
  const deviceCode = authorized(db, member)
  const program = await bundled('test/support/racing-process.ts')
  const redeemKilledAt = async (look: number) => {
    const args = [program, dataDir, 'redeem-device-killed', deviceCode, String(look)]
    const running = promisify(execFile)(process.execPath, args)
    running.child.stdin?.end('go\n')
    return running.then(
      ({ stdout }) => stdout,
      ({ signal }) => signal,
    )
  }
  let looks = 0
  for (; (await redeemKilledAt(looks)) === 'SIGKILL'; looks++) {
    expect(db.select().from(deviceGrants).get()?.status).toBe('approved')
    expect(db.select().from(userTokens).all()).toEqual([])
  }
  // Some of them lay after the first write.
  expect(looks).toBeGreaterThan(2)
  expect(db.select().from(userTokens).all()).toHaveLength(1)
})

it('a login whose account was shut gives nothing, nor when the account is opened again, and asks for no lock', () => {
  const { db, member, clock } = testInstallation()
  const { userCode, ...undecided } = startDeviceGrant(db, ASKED, Date.now)
  claimDeviceGrant(db, member.id, userCode, Date.now)
  const codes = [authorized(db, member), undecided.deviceCode]
  const redeem = (deviceCode: string) =>
    redeemDeviceGrant(db, { deviceCode, clientId: 'runcomfy', from: SOMEWHERE }, clock).state
  disableUser(db, member.id, SOMEBODY, clock)
  db.$client.pragma('query_only = 1')
  expect(codes.map(redeem)).toEqual(['denied', 'denied'])
  db.$client.pragma('query_only = 0')
  enableUser(db, member.id, SOMEBODY, clock)
  expect(codes.map(redeem)).toEqual(['denied', 'denied'])
  db.$client.prepare('delete from users where id = ?').run(member.id)
  expect(codes.map(redeem)).toEqual(['invalid', 'invalid'])
  expect(db.select().from(userTokens).all()).toEqual([])
})

it('a shut account’s logins that ended before stay as they were, and so do others’', () => {
  const { db, member, admin, clock } = testInstallation()
  const redeem = (deviceCode: string) =>
    redeemDeviceGrant(db, { deviceCode, clientId: 'runcomfy', from: SOMEWHERE }, Date.now).state
  const done = authorized(db, member)
  redeem(done)
  const others = authorized(db, admin)
  disableUser(db, member.id, SOMEBODY, clock)
  expect([redeem(done), redeem(others)]).toEqual(['invalid', 'redeemed'])
})

it('logins are forgotten a day after they ended, an hour when nobody entered their code, and not before', () => {
  const { db, clock, member } = testInstallation()
  const left = () => db.select({ userId: deviceGrants.userId }).from(deviceGrants).all()
  const forgetAfter = (ms: number) => {
    clock.advance(ms)
    deleteEndedDeviceGrants(db, clock)
    return left().map(({ userId }) => userId)
  }
  startDeviceGrant(db, ASKED, clock)
  claimDeviceGrant(db, member.id, startDeviceGrant(db, ASKED, clock).userCode, clock)
  expect(forgetAfter(600_000 + HOUR_MS)).toHaveLength(2)
  expect(forgetAfter(1)).toEqual([member.id])
  expect(forgetAfter(DAY_MS - HOUR_MS - 1)).toEqual([member.id])
  expect(forgetAfter(1)).toEqual([])
})

/** Logins that somebody began, without minting their codes. */
const begunMany = (db: Db, count: number, now: number) =>
  db.$client
    .prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
      insert into device_grants (id, device_code_hash, user_code_hash, status, client_id, protocol, device_name,
        scopes, address, user_agent, created_at, expires_at, interval_seconds)
      select i, i, i, 'pending', 'x', 'oauth', 'x', 'read', '192.0.2.1', '', ?, ?, 5 from n`,
    )
    .run(count, now, now + 600_000)

it('no more than 10,000 logins wait at once, and one pass forgets a bounded number of them', () => {
  const { db, clock } = testInstallation()
  begunMany(db, 9999, clock())
  startDeviceGrant(db, ASKED, clock)
  const refused = expect.objectContaining({ code: 'unavailable', retryAfterSeconds: 60 })
  expect(() => startDeviceGrant(db, ASKED, clock)).toThrow(refused)
  clock.advance(600_000)
  startDeviceGrant(db, ASKED, clock)
  clock.advance(DAY_MS)
  deleteEndedDeviceGrants(db, clock)
  expect(db.select().from(deviceGrants).all()).toHaveLength(9001)
})

it('what is written down names the device, its client, either address and what it may do, and no code', () => {
  const { db, member } = testInstallation()
  const deviceCode = authorized(db, member)
  const from = { address: '192.0.2.7', userAgent: '' }
  redeemDeviceGrant(db, { deviceCode, clientId: 'runcomfy', from }, Date.now)
  const detail = 'runcomfy, started from 192.0.2.1; write'
  expect(db.select().from(auditEntries).all()).toMatchObject([
    { action: 'device_authorized', target: ASKED.deviceName, detail },
    { action: 'api_token_created', target: ASKED.deviceName, actorId: member.id, address: '192.0.2.7' },
  ])
})

it.each([
  (code: string) => code.toLowerCase(),
  (code: string) => code.replace('-', ''),
  (code: string) => ` ${[...code].join(' ')}\r\n`,
  (code: string) => code.replace('-', ' \u2212 '),
  (code: string) => code.replace('-', '\u2013'),
  (code: string) => code.replace('-', '\u200b\u00ad_'),
  (code: string) => code.replace(/\w/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
])('a code is the same however it is typed: %s', (typed) => {
  for (let count = 0; count < 100; count++) {
    const code = mintUserCode()
    expect(hashUserCode(typed(code))).toBe(hashUserCode(code))
    expect(hashUserCode(typed(mintUserCode()))).not.toBe(hashUserCode(code))
  }
})
