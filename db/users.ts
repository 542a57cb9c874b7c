import { and, asc, eq, isNotNull, isNull, ne, sql } from 'drizzle-orm'
import { AppError, notFound } from '../errors'
import { type Actor, record } from './audit'
import { denyDeviceGrantsOf } from './device-grant-decisions'
import { newId } from './ids'
import { type Clock, type Db, immediately, type Reader, type Tx } from './open'
import { prepared } from './prepared'
import { sessions, type USER_ROLES, users, userTokens } from './schema'

export type UserRole = (typeof USER_ROLES)[number]

export interface User {
  id: string
  name: string
  email: string | null
  role: UserRole
  /** What their models are published under; null until they chose one. */
  username: string | null
}

export const userColumns = {
  id: users.id,
  name: users.name,
  email: users.email,
  role: users.role,
  username: users.username,
}

/** @param given `email` in lower case */
export function createUser(
  db: Db | Tx,
  { name, role, email = null }: { name: string; role: UserRole; email?: string | null },
  clock: Clock,
): User {
  const user = { id: newId(), name, role, email, username: null }
  db.insert(users)
    .values({ ...user, createdAt: clock() })
    .run()
  return user
}

/** Administrators who can be counted on: whoever was invited and never came may be a mistyped address. */
const isPresentAdmin = and(eq(users.role, 'admin'), isNull(users.disabledAt), isNotNull(users.signedInAt))

/** The administrator that the sign-in link of the server's own terminal is for; never somebody only invited. */
export const firstAdmin = (db: Db | Tx): User | undefined =>
  db.select(userColumns).from(users).where(isPresentAdmin).orderBy(asc(users.createdAt)).get()

/**
 * Holds what was asked some time ago against how things are now, in the transaction that does it.
 * @returns whose account it is
 * @throws AppError `signed_out` when the account is gone or was shut meanwhile
 */
export function assertStillHere(tx: Tx, id: string): { id: string; name: string } {
  const here = tx
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(and(eq(users.id, id), isNull(users.disabledAt)))
    .get()
  if (!here) throw new AppError('signed_out', 'Sign in first.')
  return here
}

export const findUserByEmail = (db: Db | Tx, email: string) =>
  db
    .select({ ...userColumns, disabledAt: users.disabledAt })
    .from(users)
    .where(eq(users.email, email))
    .get()

export type ListedUser = typeof users.$inferSelect

const subjectOf = prepared((db) =>
  db
    .select({ id: users.id, name: users.name })
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare(),
)

/** Whom an entry of the audit log is about. */
export const findSubject = (db: Db | Tx, id: string): { id: string; name: string } | undefined =>
  subjectOf(db).get({ id })

/** Everybody, by name. */
export const listUsers = (db: Db): ListedUser[] =>
  db
    .select()
    .from(users)
    .orderBy(asc(sql`lower(${users.name})`), asc(users.id))
    .all()

/** @throws AppError `not_found` */
export function existingUser(db: Reader, id: string): ListedUser {
  const user = db.select().from(users).where(eq(users.id, id)).get()
  if (!user) throw notFound('user')
  return user
}

export const addressTaken = () =>
  new AppError('conflict', 'Somebody with this e-mail address is here already.', { field: 'email' })

/**
 * Changes name, e-mail address or role.
 * @throws AppError `not_found`; `conflict` when the address is taken or nobody would be administrator
 */
export function changeUser(
  db: Db,
  id: string,
  changes: { name?: string | undefined; email?: string | undefined; role?: UserRole | undefined },
  by: Actor,
  clock: Clock,
): void {
  immediately(db, (tx) => {
    const user = existingUser(tx, id)
    const { name = user.name, email = user.email, role = user.role } = changes
    if (email !== user.email && email !== null && findUserByEmail(tx, email)) throw addressTaken()
    if (user.role === 'admin' && role !== 'admin') assertNotLastAdmin(tx, id, { field: 'role' })
    const said = [
      name !== user.name && `Name: ${name}`,
      email !== user.email && `E-mail: ${email}`,
      role !== user.role && `Role: ${role}`,
    ].filter(Boolean)
    if (!said.length) return
    tx.update(users).set({ name, email, role }).where(eq(users.id, id)).run()
    const action = by.id === id ? 'account_changed' : 'user_changed'
    record(tx, { action, by, subject: user, detail: said.join(', ') }, clock)
  })
}

/**
 * Gives a user the name that their models are published under, for good.
 * @throws AppError `conflict` on `username` when somebody has it, or they have one already
 */
export function chooseUsername(db: Db, id: string, username: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const user = existingUser(tx, id)
    if (user.username === username) return
    const refuse = (why: string) => new AppError('conflict', why, { field: 'username' })
    if (user.username !== null)
      throw refuse(`Your username is ${user.username}. It can’t be changed: people’s scripts say it.`)
    if (tx.select({ id: users.id }).from(users).where(eq(users.username, username)).get())
      throw refuse(`The username ${username} is taken. Choose another.`)
    tx.update(users).set({ username }).where(eq(users.id, id)).run()
    record(tx, { action: 'account_changed', by, subject: user, detail: `Username: ${username}` }, clock)
  })
}

/**
 * Shuts an account at once: its sessions and open logins of devices end, and its API tokens are revoked for good. Machines keep running.
 * @throws AppError `not_found`; `conflict` when nobody would be administrator
 */
export function disableUser(db: Db, id: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const user = existingUser(tx, id)
    if (user.disabledAt !== null) return
    if (user.role === 'admin') assertNotLastAdmin(tx, id)
    const now = clock()
    tx.update(users).set({ disabledAt: now }).where(eq(users.id, id)).run()
    tx.delete(sessions).where(eq(sessions.userId, id)).run()
    tx.update(userTokens)
      .set({ revokedAt: now })
      .where(and(eq(userTokens.userId, id), isNull(userTokens.revokedAt)))
      .run()
    denyDeviceGrantsOf(tx, id)
    record(tx, { action: 'user_disabled', by, subject: user }, clock)
  })
}

/** Opens an account again. @throws AppError `not_found` */
export function enableUser(db: Db, id: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const user = existingUser(tx, id)
    if (user.disabledAt === null) return
    tx.update(users).set({ disabledAt: null }).where(eq(users.id, id)).run()
    record(tx, { action: 'user_enabled', by, subject: user }, clock)
  })
}

export function assertNotLastAdmin(tx: Tx, id: string, about: { field?: string } = {}): void {
  const another = tx
    .select({ id: users.id })
    .from(users)
    .where(and(isPresentAdmin, ne(users.id, id)))
    .get()
  if (!another)
    throw new AppError('conflict', 'This is the only administrator. Make somebody else one first.', about)
}
