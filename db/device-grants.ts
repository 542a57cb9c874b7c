import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { AppError } from '../errors'
import { insertApiToken } from './api-tokens'
import { type Actor, record } from './audit'
import { hashUserCode, mintUserCode } from './device-codes'
import { newId } from './ids'
import { type Clock, type Db, immediately, type Tx } from './open'
import { deviceGrants, users } from './schema'
import { hashSecret, mintSecret } from './secrets'
import type { RequestSource } from './sessions'

const DAY_MS = 24 * 60 * 60 * 1000
export const DEVICE_GRANT_LIFE_SECONDS = 10 * 60
/** How long the token of a login is good. */
export const CLI_TOKEN_LIFE_SECONDS = 90 * 24 * 60 * 60
/** How often others may enter a code that somebody has entered before it is denied. */
const STRANGERS_MAX = 5

export interface NewDeviceGrant {
  clientId: string
  deviceName: string
  scopes: readonly string[]
  intervalSeconds: number
  from: RequestSource
}

/** @returns the code to poll with and the one to type, which nobody can show again */
export function startDeviceGrant(
  db: Db,
  { scopes, from, ...given }: NewDeviceGrant,
  clock: Clock,
): { deviceCode: string; userCode: string } {
  const { secret, hash } = mintSecret('device-code')
  const now = clock()
  const userCode = immediately(db, (tx) => {
    const code = freeUserCode(tx)
    tx.insert(deviceGrants)
      .values({
        id: newId(),
        deviceCodeHash: hash,
        userCodeHash: hashUserCode(code),
        status: 'pending',
        ...given,
        scopes: scopes.join(' '),
        ...from,
        createdAt: now,
        expiresAt: now + DEVICE_GRANT_LIFE_SECONDS * 1000,
      })
      .run()
    return code
  })
  return { deviceCode: secret, userCode }
}

function freeUserCode(tx: Tx): string {
  for (;;) {
    const code = mintUserCode()
    const taken = tx
      .select({ id: deviceGrants.id })
      .from(deviceGrants)
      .where(eq(deviceGrants.userCodeHash, hashUserCode(code)))
      .get()
    if (!taken) return code
  }
}

export type DeviceGrant = typeof deviceGrants.$inferSelect

const byUserCode = (typed: string) => eq(deviceGrants.userCodeHash, hashUserCode(typed))
const isOpen = (now: number) => and(eq(deviceGrants.status, 'pending'), gt(deviceGrants.expiresAt, now))

/**
 * What waits for this code. Whoever enters it first is the only one who can decide; when others go on entering
 * it, it is denied.
 * @returns undefined when there is nothing for this user to decide
 */
export function claimDeviceGrant(
  db: Db,
  userId: string,
  typed: string,
  clock: Clock,
): DeviceGrant | undefined {
  return immediately(db, (tx) => {
    const open = and(byUserCode(typed), isOpen(clock()))
    const mine = tx
      .update(deviceGrants)
      .set({ userId })
      .where(and(open, or(isNull(deviceGrants.userId), eq(deviceGrants.userId, userId))))
      .returning()
      .get()
    if (mine) return mine
    tx.update(deviceGrants)
      .set({ strangers: sql`${deviceGrants.strangers} + 1` })
      .where(open)
      .run()
    tx.update(deviceGrants)
      .set({ status: 'denied' })
      .where(and(open, gt(deviceGrants.strangers, STRANGERS_MAX - 1)))
      .run()
    return undefined
  })
}

/** What this user has entered the code of, however it stands; undefined when there is none. */
export const findClaimedDeviceGrant = (db: Db, userId: string, id: string): DeviceGrant | undefined =>
  db
    .select()
    .from(deviceGrants)
    .where(and(eq(deviceGrants.id, id), eq(deviceGrants.userId, userId)))
    .get()

/**
 * Authorizes or denies what this user has entered the code of.
 * @param given the grant, by its code or its id; `mayHave` throws when the user can't give what is asked; then nothing is decided
 * @throws AppError `not_found` when it isn't this user's to decide, was decided, or took too long
 */
export function decideDeviceGrant(
  db: Db,
  userId: string,
  {
    decision,
    mayHave,
    ...which
  }: ({ userCode: string } | { id: string }) & {
    decision: 'approved' | 'denied'
    mayHave?: (grant: DeviceGrant) => void
  },
  by: Actor,
  clock: Clock,
): DeviceGrant {
  const isIt = 'id' in which ? eq(deviceGrants.id, which.id) : byUserCode(which.userCode)
  return immediately(db, (tx) => {
    const decided = tx
      .update(deviceGrants)
      .set({ status: decision })
      .where(and(isIt, isOpen(clock()), eq(deviceGrants.userId, userId)))
      .returning()
      .get()
    if (!decided) throw noSuchCode()
    mayHave?.(decided)
    const action = decision === 'approved' ? 'device_authorized' : 'device_denied'
    const detail = `started from ${decided.address}; ${decided.scopes.split(' ').join(', ')}`
    record(tx, { action, by, target: decided.deviceName, detail }, clock)
    return decided
  })
}

/** The same answer to a wrong code and to one that is another's, so that nobody learns which codes exist. */
export const noSuchCode = () =>
  new AppError(
    'not_found',
    'No login waits for this code. Type it as the device shows it; it is good for 10 minutes and once.',
    { field: 'userCode' },
  )

/** What a program gets when it asks how its login stands. */
export type Redemption =
  | { state: 'pending' }
  /** It asked too soon: from now on it has to wait this long. */
  | { state: 'slow_down'; intervalSeconds: number }
  | { state: 'denied' }
  | { state: 'expired' }
  /** Unknown, another client's, or redeemed before. */
  | { state: 'invalid' }
  | { state: 'redeemed'; token: string; scopes: readonly string[]; expiresInSeconds: number }

/**
 * Exchanges an authorized grant for its token, once however many ask at the same time.
 * @param given `clientId` who asks; `isPaced` whether asking too soon is answered with `slow_down`
 */
export function redeemDeviceGrant(
  db: Db,
  { deviceCode, clientId, isPaced }: { deviceCode: string; clientId: string; isPaced: boolean },
  clock: Clock,
): Redemption {
  const grant = findDeviceGrant(db, deviceCode)
  if (!grant || grant.clientId !== clientId || grant.status === 'redeemed') return { state: 'invalid' }
  const now = clock()
  if (grant.status === 'denied') return { state: 'denied' }
  if (grant.expiresAt <= now) return { state: 'expired' }
  if (grant.status === 'pending') return isPaced ? pace(db, grant, now) : { state: 'pending' }
  return immediately(db, (tx) => exchange(tx, grant, clock))
}

const findDeviceGrant = (db: Db, deviceCode: string): DeviceGrant | undefined =>
  db
    .select()
    .from(deviceGrants)
    .where(eq(deviceGrants.deviceCodeHash, hashSecret('device-code', deviceCode)))
    .get()

function exchange(tx: Tx, { id, clientId, deviceName, ...grant }: DeviceGrant, clock: Clock): Redemption {
  const owner = tx
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(and(eq(users.id, grant.userId ?? ''), isNull(users.disabledAt)))
    .get()
  if (!owner) return { state: 'denied' }
  const redeemed = tx
    .update(deviceGrants)
    .set({ status: 'redeemed' })
    .where(and(eq(deviceGrants.id, id), eq(deviceGrants.status, 'approved')))
    .returning()
    .get()
  if (!redeemed) return { state: 'invalid' }
  const scopes = grant.scopes.split(' ')
  const expiresAt = clock() + CLI_TOKEN_LIFE_SECONDS * 1000
  const { token } = insertApiToken(
    tx,
    { userId: owner.id, type: 'cli', clientId, name: deviceName, scopes, expiresAt },
    { kind: 'user', ...owner, address: grant.address },
    clock,
  )
  return { state: 'redeemed', token, scopes, expiresInSeconds: CLI_TOKEN_LIFE_SECONDS }
}

/** A tenth of the interval is forgiven: clocks drift, and a client gives up when it is told off too often. */
const PATIENCE = 0.9
const INTERVAL_STEP_SECONDS = 5
const INTERVAL_MAX_SECONDS = 60

/** Too soon costs five seconds more each time, for good (RFC 8628 section 3.5). */
function pace(db: Db, { id, intervalSeconds, lastPolledAt }: DeviceGrant, now: number): Redemption {
  const isTooSoon = lastPolledAt !== null && now - lastPolledAt < intervalSeconds * 1000 * PATIENCE
  const grown = Math.min(intervalSeconds + INTERVAL_STEP_SECONDS, INTERVAL_MAX_SECONDS)
  const next = isTooSoon ? grown : intervalSeconds
  // A storm of polls isn't to become one of writes.
  if (isTooSoon && next === intervalSeconds) return { state: 'slow_down', intervalSeconds }
  db.update(deviceGrants)
    .set({ lastPolledAt: now, intervalSeconds: next })
    .where(eq(deviceGrants.id, id))
    .run()
  return isTooSoon ? { state: 'slow_down', intervalSeconds: next } : { state: 'pending' }
}

/** Forgets grants a day after they ended, so that until then a late program is told why. */
export const deleteEndedDeviceGrants = (db: Db, clock: Clock): void => {
  db.delete(deviceGrants)
    .where(lt(deviceGrants.expiresAt, clock() - DAY_MS))
    .run()
}
