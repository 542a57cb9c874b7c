import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { hashUserCode, mintUserCode } from '~/db/device-codes'
import {
  claimDeviceGrant,
  decideDeviceGrant,
  deleteEndedDeviceGrants,
  type Redemption,
  redeemDeviceGrant,
  startDeviceGrant,
} from '~/db/device-grants'
import type { Db } from '~/db/open'
import { auditEntries, deviceGrants, userTokens } from '~/db/schema'
import type { User } from '~/db/users'
import { SOMEBODY, SOMEWHERE } from '../support/actors'
import { bundled } from '../support/bundle'
import { testInstallation } from '../support/installation'
import { race } from '../support/race'

const DAY_MS = 24 * 60 * 60 * 1000
const ASKED = {
  clientId: 'runcomfy',
  deviceName: 'ana’s laptop',
  scopes: ['write'],
  intervalSeconds: 2,
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
  const grant = { deviceCode: authorized(db, member), clientId: 'runcomfy', isPaced: false }
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

it('a login whose account was shut or is gone gives nothing', () => {
  const { db, member, clock } = testInstallation()
  const redeem = (deviceCode: string) =>
    redeemDeviceGrant(db, { deviceCode, clientId: 'runcomfy', isPaced: false }, clock).state
  const deviceCode = authorized(db, member)
  db.$client.prepare('update users set disabled_at = 1 where id = ?').run(member.id)
  expect(redeem(deviceCode)).toBe('denied')
  db.$client.prepare('delete from users where id = ?').run(member.id)
  expect(redeem(deviceCode)).toBe('invalid')
  expect(db.select().from(userTokens).all()).toEqual([])
})

it('logins are forgotten a day after they ended, and not before', () => {
  const { db, clock } = testInstallation()
  startDeviceGrant(db, ASKED, clock)
  clock.advance(600_000 + DAY_MS)
  deleteEndedDeviceGrants(db, clock)
  expect(db.select().from(deviceGrants).all()).toHaveLength(1)
  clock.advance(1)
  deleteEndedDeviceGrants(db, clock)
  expect(db.select().from(deviceGrants).all()).toEqual([])
})

it('what is written down names the device, where it was started and what it may do, and no code', () => {
  const { db, member } = testInstallation()
  const deviceCode = authorized(db, member)
  redeemDeviceGrant(db, { deviceCode, clientId: 'runcomfy', isPaced: false }, Date.now)
  expect(db.select().from(auditEntries).all()).toMatchObject([
    { action: 'device_authorized', target: ASKED.deviceName, detail: 'started from 192.0.2.1; write' },
    { action: 'api_token_created', target: ASKED.deviceName, actorId: member.id, address: '192.0.2.1' },
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
