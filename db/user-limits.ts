import { eq, sql } from 'drizzle-orm'
import type { MachineLimits } from '../machine-settings'
import { type Actor, record } from './audit'
import { type Clock, type Db, immediately, type Reader } from './open'
import { prepared } from './prepared'
import { userLimits } from './schema'
import { existingUser } from './users'

/** What an administrator allows one user in place of everybody's limits; null is what everybody has. */
export type UserLimits = Pick<typeof userLimits.$inferSelect, 'machines' | 'sessionMs' | 'diskBytes'>

const NONE: UserLimits = { machines: null, sessionMs: null, diskBytes: null }

const ownLimits = prepared((db) => {
  const { machines, sessionMs, diskBytes, userId } = userLimits
  const own = db.select({ machines, sessionMs, diskBytes }).from(userLimits)
  return own.where(eq(userId, sql.placeholder('userId'))).prepare()
})

export const getUserLimits = (db: Reader, userId: string): UserLimits => ownLimits(db).get({ userId }) ?? NONE

/** What holds for a user: their own limits where they have some, higher or lower, and everybody's elsewhere. */
export function limitsOf(db: Reader, userId: string, everybodys: MachineLimits): MachineLimits {
  const own = getUserLimits(db, userId)
  return {
    ...everybodys,
    perUser: own.machines ?? everybodys.perUser,
    sessionMs: own.sessionMs ?? everybodys.sessionMs,
    diskPerUser: own.diskBytes ?? everybodys.diskPerUser,
  }
}

/**
 * Sets all limits of one user. They hold from the next launch or extension on; what runs keeps its end.
 * @throws AppError `not_found`
 */
export function changeUserLimits(db: Db, userId: string, limits: UserLimits, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const subject = existingUser(tx, userId)
    const before = inWords(getUserLimits(tx, userId))
    const detail = inWords(limits)
    if (detail === before) return
    const set = { ...limits, updatedAt: clock() }
    tx.insert(userLimits)
      .values({ userId, ...set })
      .onConflictDoUpdate({ target: userLimits.userId, set })
      .run()
    record(
      tx,
      { action: 'user_limits_changed', by, subject, detail: `Now ${detail}. Before: ${before}.` },
      clock,
    )
  })
}

/** Only what is the user's own; everything else is as everybody has it. */
const inWords = ({ machines, sessionMs, diskBytes }: UserLimits): string =>
  [
    machines !== null && `machines at once: ${machines}`,
    sessionMs !== null && `session: ${sessionMs / 3_600_000} hours`,
    diskBytes !== null && `disk: ${diskBytes / 1024 ** 3} GiB`,
  ]
    .filter(Boolean)
    .join(', ') || 'as everybody'
