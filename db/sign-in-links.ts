import { and, eq, gt, isNull } from 'drizzle-orm'
import { AppError } from '../errors'
import { newId } from './ids'
import { type Clock, type Db, immediately } from './open'
import { signInLinks } from './schema'
import { hashSecret, mintSecret } from './secrets'
import { createSession } from './sessions'
import { createUser, firstAdmin, type User } from './users'

const LIFE_MS = 60 * 60 * 1000

/**
 * A link that signs in the administrator, for whoever can read the server's terminal.
 * The newest one only: older links that nobody used are dead from now on.
 * @returns the one-time secret of the link; it lives for an hour
 */
export function createSignInLink(db: Db, clock: Clock): string {
  const { secret, hash } = mintSecret('sign-in-link')
  const now = clock()
  immediately(db, (tx) => {
    tx.delete(signInLinks).where(isNull(signInLinks.usedAt)).run()
    tx.insert(signInLinks)
      .values({ id: newId(), secretHash: hash, createdAt: now, expiresAt: now + LIFE_MS })
      .run()
  })
  return secret
}

const live = (secret: string, now: number) =>
  and(
    eq(signInLinks.secretHash, hashSecret('sign-in-link', secret)),
    isNull(signInLinks.usedAt),
    gt(signInLinks.expiresAt, now),
  )

/** Whether the link would still sign in. Looking changes nothing. */
export const isSignInLinkLive = (db: Db, secret: string, clock: Clock): boolean =>
  db.select({ id: signInLinks.id }).from(signInLinks).where(live(secret, clock())).get() !== undefined

export const hasAnybodySignedIn = (db: Db): boolean => firstAdmin(db) !== undefined

/**
 * Uses the link up and signs in; the first person to do so becomes the administrator.
 * @returns the session's secret
 * @throws AppError `gone` when the link was used, replaced or has expired
 */
export function redeemSignInLink(db: Db, secret: string, clock: Clock): { user: User; session: string } {
  return immediately(db, (tx) => {
    const used = tx.update(signInLinks).set({ usedAt: clock() }).where(live(secret, clock())).run()
    if (used.changes !== 1)
      throw new AppError(
        'gone',
        'This sign-in link was already used or has expired. `npm run sign-in-link` on the server prints a new one.',
      )
    const user = firstAdmin(tx) ?? createUser(tx, { name: 'Administrator', role: 'admin' }, clock)
    return { user, session: createSession(tx, user.id, clock) }
  })
}
