import { and, eq } from 'drizzle-orm'
import { insertApiToken } from './api-tokens'
import type { DeviceGrant } from './device-grants'
import { type Clock, type Db, immediately, type Tx } from './open'
import { deviceGrants } from './schema'
import { hashSecret } from './secrets'
import type { RequestSource } from './sessions'
import { actorOf } from './sign-in'
import { assertStillHere } from './users'

/** How long the token of a login is good. */
export const CLI_TOKEN_LIFE_SECONDS = 90 * 24 * 60 * 60

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
 * @param given `clientId` who asks
 */
export function redeemDeviceGrant(
  db: Db,
  { deviceCode, clientId, from }: { deviceCode: string; clientId: string; from: RequestSource },
  clock: Clock,
): Redemption {
  const grant = findDeviceGrant(db, deviceCode)
  if (!grant || grant.clientId !== clientId || grant.status === 'redeemed') return { state: 'invalid' }
  const now = clock()
  if (grant.status === 'denied') return { state: 'denied' }
  if (grant.expiresAt <= now) return { state: 'expired' }
  if (grant.status === 'pending')
    return grant.protocol === 'oauth' ? pace(db, grant, now) : { state: 'pending' }
  return immediately(db, (tx) => exchange(tx, grant, from, clock))
}

const findDeviceGrant = (db: Db, deviceCode: string): DeviceGrant | undefined =>
  db
    .select()
    .from(deviceGrants)
    .where(eq(deviceGrants.deviceCodeHash, hashSecret('device-code', deviceCode)))
    .get()

function exchange(
  tx: Tx,
  { id, userId, clientId, deviceName: name, ...grant }: DeviceGrant,
  from: RequestSource,
  clock: Clock,
): Redemption {
  const redeemed = tx
    .update(deviceGrants)
    .set({ status: 'redeemed' })
    .where(and(eq(deviceGrants.id, id), eq(deviceGrants.status, 'approved')))
    .returning()
    .get()
  if (!redeemed) return { state: 'invalid' }
  const owner = assertStillHere(tx, userId ?? '')
  const scopes = grant.scopes.split(' ')
  const expiresAt = clock() + CLI_TOKEN_LIFE_SECONDS * 1000
  const made = { userId: owner.id, type: 'cli', clientId, name, scopes, expiresAt } as const
  const { token } = insertApiToken(tx, made, actorOf(owner, from), clock)
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
