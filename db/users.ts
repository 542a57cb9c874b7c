import { asc, eq } from 'drizzle-orm'
import { newId } from './ids'
import type { Clock, Db, Tx } from './open'
import { users } from './schema'

export interface User {
  id: string
  name: string
  role: 'admin' | 'member'
}

const columns = { id: users.id, name: users.name, role: users.role }

export function createUser(db: Db | Tx, { name, role }: Omit<User, 'id'>, clock: Clock): User {
  const user = { id: newId(), name, role }
  db.insert(users)
    .values({ ...user, createdAt: clock() })
    .run()
  return user
}

/** The administrator that the sign-in link of the server's own terminal is for. */
export const firstAdmin = (db: Db | Tx): User | undefined =>
  db.select(columns).from(users).where(eq(users.role, 'admin')).orderBy(asc(users.createdAt)).get()
