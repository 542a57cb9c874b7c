import { eq } from 'drizzle-orm'
import { AppError } from '../errors'
import { type Actor, record } from './audit'
import { type Clock, type Db, immediately } from './open'
import { users } from './schema'
import {
  addressTaken,
  assertNotLastAdmin,
  createUser,
  existingUser,
  findUserByEmail,
  type User,
  type UserRole,
} from './users'

/**
 * Lets a person in: from now on a link by mail, or an OIDC provider that vouches for the address, signs them in.
 * @throws AppError `conflict` on `email`
 */
export function inviteUser(
  db: Db,
  { email, name, role }: { email: string; name: string; role: UserRole },
  by: Actor,
  clock: Clock,
): User {
  return immediately(db, (tx) => {
    if (findUserByEmail(tx, email)) throw addressTaken()
    const user = createUser(tx, { name, email, role }, clock)
    record(tx, { action: 'user_invited', by, subject: user, target: email, detail: `Role: ${role}` }, clock)
    return user
  })
}

/**
 * Takes back an invitation that nobody has used. The account goes, so it is never one's own nor the last
 * administrator's, whatever its row says of having signed in.
 * @throws AppError `not_found`, `conflict`
 */
export function withdrawInvitation(db: Db, id: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const user = existingUser(tx, id)
    if (user.signedInAt !== null)
      throw new AppError('conflict', `${user.name} has signed in already. Disable the account instead.`)
    if (by.id === id) throw new AppError('conflict', 'This is your own account, and no invitation.')
    if (user.role === 'admin') assertNotLastAdmin(tx, id)
    tx.delete(users).where(eq(users.id, id)).run()
    record(tx, { action: 'user_deleted', by, subject: user, target: user.email ?? user.name }, clock)
  })
}
