import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isWholeApiToken } from '~/db/api-token-format'
import { findApiToken } from '~/db/api-tokens'
import { redeemDeviceGrant } from '~/db/device-grant-redemption'
import { startDeviceGrant } from '~/db/device-grants'
import { createMachineTicket, findMachineAccess, redeemMachineTicket } from '~/db/machine-access'
import { saveProviderToken } from '~/db/provider-tokens'
import { findSession } from '~/db/sessions'
import { createMailLink, createTerminalLink, lookAtLink } from '~/db/sign-in-links'
import { redeemSignInCode } from '~/db/sign-in-redemption'
import { AT_TERMINAL, SOME_DEVICE, SOMEBODY, SOMEWHERE } from '../support/actors'
import { type Site, startSite } from './site'

const CANARY = 'hf_CANARYstolen0123456789'

/** One of every secret that Slipway hands out or keeps. */
function fill({ db, clock, services, admin, signedIn, withApiToken, runMachine }: Site) {
  const session = signedIn(admin).cookie?.split('=')[1] ?? ''
  saveProviderToken(services, admin.id, 'huggingface', CANARY, SOMEBODY)
  const apiToken = withApiToken(admin, ['write']).token
  const terminalLink = createTerminalLink(db, clock)
  const mail = createMailLink(db, { email: 'ada@example.org', from: SOMEWHERE }, clock)
  const elsewhere = lookAtLink(db, mail.secret, undefined, clock)
  const code = elsewhere.state === 'elsewhere' ? elsewhere.code : ''
  const machineId = runMachine(admin)
  const target = { machineId, service: 'filebrowser' } as const
  const sessionId = findSession(db, session, clock)?.id ?? ''
  const ticketFor = () => createMachineTicket(db, { ...target, userId: admin.id, sessionId }, clock)
  const machineCookie = redeemMachineTicket(db, ticketFor(), target, clock) ?? ''
  const ticket = ticketFor()
  const { secret: mailLink, browserSecret } = mail
  const { deviceCode, userCode } = startDeviceGrant(db, SOME_DEVICE, clock)
  return {
    session,
    apiToken,
    terminalLink,
    mailLink,
    browserSecret,
    code,
    machineCookie,
    ticket,
    target,
    deviceCode,
    userCode,
  }
}

/** Every text in every table. */
function everyText({ db }: Site): string[] {
  const tables = db.$client.prepare(`select name from sqlite_master where type = 'table'`).pluck().all()
  return tables.flatMap((table) =>
    (db.$client.prepare(`select * from "${table}"`).all() as object[])
      .flatMap((row) => Object.values(row))
      .filter((value) => typeof value === 'string'),
  )
}

it('fault 52: a copy of the database holds none of the secrets', async () => {
  const site = await startSite()
  const { target, code, userCode, ...secrets } = fill(site)
  const bytes = ['slipway.db', 'slipway.db-wal'].map((name) =>
    readFileSync(join(site.dataDir, name), 'latin1'),
  )
  // The search works: what may be there is found.
  expect(bytes.join('')).toContain(CANARY.slice(0, 6))
  for (const [name, secret] of Object.entries({ ...secrets, CANARY })) {
    expect([name, secret.length > 20]).toEqual([name, true])
    expect([name, bytes.join('').includes(secret)]).toEqual([name, false])
  }
  expect(
    everyText(site).filter((text) => [code, userCode, userCode.replace('-', '')].includes(text)),
  ).toEqual([])
})

it('fault 52: nothing that stands in it signs in, opens a machine, or is an API token', async () => {
  const site = await startSite()
  const { db, clock, services } = site
  const { target, session, apiToken, deviceCode } = fill(site)
  // The ways in work, with what they are meant for.
  expect(findSession(db, session, clock)).toBeDefined()
  expect(findApiToken(db, apiToken, clock)).toBeDefined()
  const poll = (code: string) =>
    redeemDeviceGrant(db, { deviceCode: code, clientId: 'runcomfy', from: SOMEWHERE }, clock).state
  expect(poll(deviceCode)).toBe('pending')
  for (const text of everyText(site)) {
    expect(findSession(db, text, clock)).toBeUndefined()
    expect(isWholeApiToken(text)).toBe(false)
    expect(findApiToken(db, text, clock)).toBeUndefined()
    expect(poll(text)).toBe('invalid')
    expect(lookAtLink(db, text, text, clock)).toEqual({ state: 'gone' })
    expect(redeemMachineTicket(db, text, target, clock)).toBeUndefined()
    expect(findMachineAccess(db, text, target, clock)).toBeUndefined()
    expect(() => redeemSignInCode(db, text, { ...AT_TERMINAL, browserSecret: text }, clock)).toThrow()
  }
  expect(services.installation.id).toBeTruthy()
})
