import { and, eq, gt, gte, inArray, isNull, or, sql } from 'drizzle-orm'
import { AppError } from '../errors'
import { type Actor, record } from './audit'
import { hashUserCode } from './device-codes'
import type { DeviceGrant } from './device-grants'
import { type Clock, type Db, immediately, type Tx } from './open'
import { deviceGrants, users } from './schema'

/** How often others may enter a code that somebody has entered before it is denied. */
const STRANGERS_MAX = 5

const byUserCode = (typed: string) => eq(deviceGrants.userCodeHash, hashUserCode(typed))
const isOpen = (now: number) => and(eq(deviceGrants.status, 'pending'), gt(deviceGrants.expiresAt, now))

/** Whether others kept entering the code that this user had entered, which denies it. */
export const isWithStrangers = ({ strangers }: DeviceGrant): boolean => strangers >= STRANGERS_MAX

/**
 * What waits for this code. Whoever enters it first is the only one who can decide; when others go on entering
 * it, it is denied.
 * @returns `mine` when it is this user's to decide; `denied` when this was one stranger too many
 */
export function claimDeviceGrant(
  db: Db,
  userId: string,
  typed: string,
  clock: Clock,
): { mine?: DeviceGrant; denied?: DeviceGrant | undefined } {
  return immediately(db, (tx) => {
    const open = and(byUserCode(typed), isOpen(clock()))
    const mine = tx
      .update(deviceGrants)
      .set({ userId })
      .where(and(open, or(isNull(deviceGrants.userId), eq(deviceGrants.userId, userId))))
      .returning()
      .get()
    if (mine) return { mine }
    tx.update(deviceGrants)
      .set({ strangers: sql`${deviceGrants.strangers} + 1` })
      .where(open)
      .run()
    const denied = tx
      .update(deviceGrants)
      .set({ status: 'denied' })
      .where(and(open, gte(deviceGrants.strangers, STRANGERS_MAX)))
      .returning()
      .get()
    if (denied) recordStrangers(tx, denied, clock)
    return { denied }
  })
}

/** Whoever it happened to may read it, so it doesn't say who the others are. */
function recordStrangers(tx: Tx, { userId, deviceName }: DeviceGrant, clock: Clock): void {
  const subject = tx
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(eq(users.id, userId ?? ''))
    .get()
  const by: Actor = { kind: 'visitor', id: null, name: 'Others', address: null }
  const detail = 'Others kept entering its code'
  record(tx, { action: 'device_denied', by, subject, target: deviceName, detail }, clock)
}

/** What this user has entered the code of, however it stands; undefined when there is none. */
export const findClaimedDeviceGrant = (db: Db, userId: string, id: string): DeviceGrant | undefined =>
  db
    .select()
    .from(deviceGrants)
    .where(and(eq(deviceGrants.id, id), eq(deviceGrants.userId, userId)))
    .get()

/**
 * Authorizes or denies what this user has entered the code of. What was authorized can be denied until its token
 * is made.
 * @param given the grant, by its id or else its code; `mayHave` throws when the user can't give what is asked; then nothing is decided
 * @throws AppError `not_found` when it isn't this user's to decide, was decided, or took too long
 */
export function decideDeviceGrant(
  db: Db,
  userId: string,
  {
    decision,
    mayHave,
    id,
    userCode = '',
  }: {
    id?: string | undefined
    userCode?: string | undefined
    decision: 'approved' | 'denied'
    mayHave?: (grant: DeviceGrant) => void
  },
  by: Actor,
  clock: Clock,
): DeviceGrant {
  const isIt = id === undefined ? byUserCode(userCode) : eq(deviceGrants.id, id)
  return immediately(db, (tx) => {
    const decided = tx
      .update(deviceGrants)
      .set({ status: decision })
      .where(and(isIt, canBecome(decision, clock()), eq(deviceGrants.userId, userId)))
      .returning()
      .get()
    if (!decided) throw noSuchCode()
    mayHave?.(decided)
    const action = decision === 'approved' ? 'device_authorized' : 'device_denied'
    const detail = `${decided.clientId}, started from ${decided.address}; ${decided.scopes.split(' ').join(', ')}`
    record(tx, { action, by, target: decided.deviceName, detail }, clock)
    return decided
  })
}

const canBecome = (decision: 'approved' | 'denied', now: number) =>
  decision === 'approved' ? isOpen(now) : and(isUnfinished, gt(deviceGrants.expiresAt, now))

const isUnfinished = inArray(deviceGrants.status, ['pending', 'approved'])

/** Ends the logins that this user has let in, or is about to. */
export const denyDeviceGrantsOf = (tx: Tx, userId: string): void => {
  tx.update(deviceGrants)
    .set({ status: 'denied' })
    .where(and(eq(deviceGrants.userId, userId), isUnfinished))
    .run()
}

/** The same answer to a wrong code and to one that is another's, so that nobody learns which codes exist. */
export const noSuchCode = () =>
  new AppError(
    'not_found',
    'No login waits for this code. Type it as the device shows it; it is good for 10 minutes and once.',
    { field: 'userCode' },
  )
