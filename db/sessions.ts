import { and, eq, gt, lt, or } from 'drizzle-orm'
import { newId } from './ids'
import type { Clock, Db, Tx } from './open'
import { sessions, users } from './schema'
import { hashSecret, mintSecret } from './secrets'
import type { User } from './users'

const DAY_MS = 24 * 60 * 60 * 1000
const ABSOLUTE_LIFE_MS = 30 * DAY_MS
const IDLE_LIFE_MS = 7 * DAY_MS
/** Being seen is written down at most this often: a page is many requests. */
const SEEN_EVERY_MS = 60 * 1000

export const SESSION_LIFE_SECONDS = ABSOLUTE_LIFE_MS / 1000

export interface Session {
  id: string
  user: User
}

/** @returns the secret for the browser's cookie: 256 random bits, kept only as a hash */
export function createSession(db: Db | Tx, userId: string, clock: Clock): string {
  const { secret, hash } = mintSecret('session')
  const now = clock()
  db.insert(sessions)
    .values({
      id: newId(),
      userId,
      secretHash: hash,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + ABSOLUTE_LIFE_MS,
    })
    .run()
  return secret
}

/** Whose cookie this is, with the role as it stands now; undefined when unknown, idle too long, or over. */
export function findSession(db: Db, secret: string, clock: Clock): Session | undefined {
  const now = clock()
  const row = db
    .select({
      id: sessions.id,
      lastSeenAt: sessions.lastSeenAt,
      user: { id: users.id, name: users.name, role: users.role },
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.secretHash, hashSecret('session', secret)),
        gt(sessions.expiresAt, now),
        gt(sessions.lastSeenAt, now - IDLE_LIFE_MS),
      ),
    )
    .get()
  if (!row) return undefined
  if (row.lastSeenAt < now - SEEN_EVERY_MS)
    db.update(sessions).set({ lastSeenAt: now }).where(eq(sessions.id, row.id)).run()
  return { id: row.id, user: row.user }
}

export function endSession(db: Db, id: string): void {
  db.delete(sessions).where(eq(sessions.id, id)).run()
}

/** Forgets sessions that no longer open anything, with the machine access that hangs on them. */
export function deleteEndedSessions(db: Db, clock: Clock): void {
  const now = clock()
  db.delete(sessions)
    .where(or(lt(sessions.expiresAt, now), lt(sessions.lastSeenAt, now - IDLE_LIFE_MS)))
    .run()
}
