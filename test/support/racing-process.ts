import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { redeemDeviceGrant } from '~/db/device-grant-redemption'
import { openInstallation } from '~/db/installation'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch } from '~/db/machine-claims'
import { relaunchMachine } from '~/db/machine-relaunch'
import { launchMachine } from '~/db/machine-requests'
import { placeRequests } from '~/db/model-request-places'
import { type Clock, immediately, openDb } from '~/db/open'
import { migrateDb } from '~/db/schema-version'
import { redeemSignInLink } from '~/db/sign-in-redemption'
import { AT_TERMINAL, SOMEBODY, SOMEWHERE } from './actors'
import { STANDARD } from './sizes'

/** One of several processes that do the same thing at the same moment: when a line comes in. */
const [dataDir = '', call = '', ...args] = process.argv.slice(2)
const [first = '', second = ''] = args
const open = () => openDb(join(dataDir, 'slipway.db'))

/** Adds one to a number, again and again; each time it is read first. */
function count() {
  const db = open()
  for (let n = 0; n < 200; n++)
    immediately(db, (tx) => {
      const before = tx.get<{ n: number }>(sql`select n from counter`)
      tx.run(sql`update counter set n = ${(before?.n ?? 0) + 1}`)
    })
  return 200
}

const redeem = (deviceCode: string, clock: Clock) =>
  redeemDeviceGrant(open(), { deviceCode, clientId: 'runcomfy', from: SOMEWHERE }, clock)

/** Kills this process the moment it asks for the time again. */
const deadlyClock = (looks: number) => () => {
  if (looks-- === 0) process.kill(process.pid, 'SIGKILL')
  return Date.now()
}

const calls = {
  count,
  launch: () =>
    launchMachine(
      open(),
      { userId: first, kind: 'comfyui', name: 'One', idempotencyKey: second },
      SOMEBODY,
      Date.now,
    ),
  /** One after the other as long as it is not refused; answers those that were launched. */
  'launch-five': () => {
    const db = open()
    const launched: unknown[] = []
    for (let n = 0; n < 5; n++)
      try {
        const request = { userId: first, kind: 'comfyui', name: 'One' } as const
        launched.push(launchMachine(db, request, SOMEBODY, Date.now, { perUser: Number(second) }))
      } catch (error) {
        if ((error as { code?: string }).code !== 'limit_reached') throw error
      }
    return launched
  },
  retry: () => retryLaunch(open(), first, SOMEBODY, Date.now),
  relaunch: () => relaunchMachine(open(), first, second, SOMEBODY, Date.now).launch,
  claim: () =>
    claimLaunch(open(), { machineId: first, attempt: 1 }, { leaseMs: 60_000, clock: Date.now })?.claim ??
    null,
  place: () => {
    const rules = { machineSizes: [STANDARD], machineLimits: {}, leaseMs: 60_000, clock: Date.now, max: 10 }
    const { claimed, launched } = placeRequests(open(), first, rules)
    return { claimed: claimed.length, launched: launched.length }
  },
  redeem: () => redeemSignInLink(open(), first, AT_TERMINAL, Date.now).user,
  'redeem-device': () => redeem(first, Date.now),
  'redeem-device-killed': () => redeem(first, deadlyClock(Number(second))),
  install: () => {
    const db = open()
    migrateDb(db)
    const { id, keyring } = openInstallation(db, { tokenKeys: undefined, dataDir }, Date.now)
    return { id, key: keyring()[0].id }
  },
}

console.log('ready')
await once(process.stdin, 'data')
try {
  console.log(JSON.stringify({ result: calls[call as keyof typeof calls]() }))
} catch (error) {
  const { message, code } = error as Error & { code?: string }
  console.log(JSON.stringify({ refused: { message, code } }))
}
process.exit(0)
