import { and, count, eq, gt, inArray, isNull, lt, or } from 'drizzle-orm'
import { AppError } from '../errors'
import { hashUserCode, mintUserCode } from './device-codes'
import { newId } from './ids'
import { type Clock, type Db, immediately, type Tx } from './open'
import { type DEVICE_PROTOCOLS, deviceGrants } from './schema'
import { mintSecret } from './secrets'
import type { RequestSource } from './sessions'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
export const DEVICE_GRANT_LIFE_SECONDS = 10 * 60
/** How long a program waits between two polls, to begin with. */
const INTERVAL_SECONDS = { runcomfy: 2, oauth: 5 }
/** How many logins may wait at once, whoever began them. */
const WAITING_MAX = 10_000
const FULL_RETRY_SECONDS = 60

export interface NewDeviceGrant {
  clientId: string
  protocol: (typeof DEVICE_PROTOCOLS)[number]
  deviceName: string
  scopes: readonly string[]
  from: RequestSource
}

/**
 * @returns the code to poll with and the one to type, which nobody can show again, and how often to poll
 * @throws AppError `unavailable` when too many wait already
 */
export function startDeviceGrant(
  db: Db,
  { scopes, from, ...given }: NewDeviceGrant,
  clock: Clock,
): { deviceCode: string; userCode: string; intervalSeconds: number } {
  const { secret, hash } = mintSecret('device-code')
  const now = clock()
  const intervalSeconds = INTERVAL_SECONDS[given.protocol]
  const userCode = immediately(db, (tx) => {
    assertRoom(tx, now)
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
        intervalSeconds,
        createdAt: now,
        expiresAt: now + DEVICE_GRANT_LIFE_SECONDS * 1000,
      })
      .run()
    return code
  })
  return { deviceCode: secret, userCode, intervalSeconds }
}

function assertRoom(tx: Tx, now: number): void {
  const waiting = tx.select({ n: count() }).from(deviceGrants).where(gt(deviceGrants.expiresAt, now)).get()
  if (waiting && waiting.n >= WAITING_MAX)
    throw new AppError('unavailable', 'Too many logins wait already. Try again in a minute.', {
      retryAfterSeconds: FULL_RETRY_SECONDS,
    })
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

/** What one pass forgets at most. */
const FORGOTTEN_MAX = 1000

/**
 * Forgets logins a day after they ended, so that until then whoever decided and a late program are told how;
 * after an hour when nobody entered their code.
 */
export function deleteEndedDeviceGrants(db: Db, clock: Clock): void {
  const now = clock()
  const { id, userId, expiresAt } = deviceGrants
  const ended = db
    .select({ id })
    .from(deviceGrants)
    .where(and(lt(expiresAt, now - HOUR_MS), or(isNull(userId), lt(expiresAt, now - DAY_MS))))
    .limit(FORGOTTEN_MAX)
  db.delete(deviceGrants).where(inArray(id, ended)).run()
}
