import { and, desc, eq, gt, isNull, lt, ne, or, type Placeholder, sql } from 'drizzle-orm'
import { notFound } from '../errors'
import { type Actor, record } from './audit'
import { newId } from './ids'
import { type Clock, type Db, ifPossible, immediately, type Tx } from './open'
import { prepared } from './prepared'
import { sessions, users } from './schema'
import { hashSecret, mintSecret } from './secrets'
import { type User, userColumns } from './users'

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

/** Where a request comes from. */
export interface RequestSource {
  address: string
  userAgent: string
}

/** @returns the secret for the browser's cookie: 256 random bits, kept only as a hash */
export function createSession(
  db: Db | Tx,
  { userId, from }: { userId: string; from: RequestSource },
  clock: Clock,
): string {
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
      address: from.address,
      userAgent: from.userAgent,
    })
    .run()
  return secret
}

/** What makes a session one that opens something. The query has to join its user. */
export const isSessionLive = (now: number | Placeholder) =>
  and(
    gt(sessions.expiresAt, now),
    gt(sessions.lastSeenAt, sql`${now} - ${IDLE_LIFE_MS}`),
    isNull(users.disabledAt),
  )

const sessionBySecret = prepared((db) =>
  db
    .select({ id: sessions.id, lastSeenAt: sessions.lastSeenAt, user: userColumns })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.secretHash, sql.placeholder('hash')), isSessionLive(sql.placeholder('now'))))
    .prepare(),
)

/**
 * Whose cookie this is, with the role as it stands now; undefined when unknown, idle too long, over, or of
 * an account that was shut.
 * @param from the use that this is, written down now and then; without it nothing is written
 */
export function findSession(db: Db, secret: string, clock: Clock, from?: RequestSource): Session | undefined {
  const now = clock()
  const row = sessionBySecret(db).get({ hash: hashSecret('session', secret), now })
  if (!row) return undefined
  if (from) touchSession(db, row, now, from)
  return { id: row.id, user: row.user }
}

/** Writes down that a session was just used. */
export function touchSession(
  db: Db,
  { id, lastSeenAt }: { id: string; lastSeenAt: number },
  now: number,
  from?: RequestSource,
): void {
  if (lastSeenAt >= now - SEEN_EVERY_MS) return
  const seen = from && { address: from.address, userAgent: from.userAgent }
  ifPossible(() =>
    db
      .update(sessions)
      .set({ lastSeenAt: now, ...seen })
      .where(eq(sessions.id, id))
      .run(),
  )
}

export type ListedSession = Pick<
  typeof sessions.$inferSelect,
  'id' | 'createdAt' | 'lastSeenAt' | 'expiresAt' | 'address' | 'userAgent'
>

/** The user's sessions that still open something, the last used first. */
export function listSessions(db: Db, userId: string, clock: Clock): ListedSession[] {
  const { id, createdAt, lastSeenAt, expiresAt, address, userAgent } = sessions
  return db
    .select({ id, createdAt, lastSeenAt, expiresAt, address, userAgent })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(and(eq(sessions.userId, userId), isSessionLive(clock())))
    .orderBy(desc(sessions.lastSeenAt), desc(sessions.createdAt))
    .all()
}

/** Ends the session that its own browser asks to end. */
export function signOut(db: Db, session: Session, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    tx.delete(sessions).where(eq(sessions.id, session.id)).run()
    record(tx, { action: 'sign_out', by }, clock)
  })
}

/** Ends one session of the user's. @throws AppError `not_found` */
export function endSession(db: Db, userId: string, id: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const ended = tx
      .delete(sessions)
      .where(and(eq(sessions.id, id), eq(sessions.userId, userId)))
      .returning()
      .get()
    if (!ended) throw notFound('session')
    record(tx, { action: 'session_ended', by, target: `of ${ended.address}` }, clock)
  })
}

/** Ends all sessions of the user's but one. @returns how many ended */
export function endOtherSessions(db: Db, userId: string, keptId: string, by: Actor, clock: Clock): number {
  return immediately(db, (tx) => {
    const { changes } = tx
      .delete(sessions)
      .where(and(eq(sessions.userId, userId), ne(sessions.id, keptId)))
      .run()
    if (changes) record(tx, { action: 'session_ended', by, target: `all ${changes} others` }, clock)
    return changes
  })
}

/** Forgets sessions that no longer open anything, with the machine access that hangs on them. */
export function deleteEndedSessions(db: Db, clock: Clock): void {
  const now = clock()
  db.delete(sessions)
    .where(or(lt(sessions.expiresAt, now), lt(sessions.lastSeenAt, now - IDLE_LIFE_MS)))
    .run()
}
