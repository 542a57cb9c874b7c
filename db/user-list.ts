import { and, asc, count, desc, eq, or, type SQL, sql } from 'drizzle-orm'
import type { Db } from './open'
import { users } from './schema'
import type { ListedUser } from './users'

/** The place of a user in the list. */
export type UserCursor = Pick<ListedUser, 'name' | 'id'>

/** Which page: next to a user, or, without one, the first. */
export interface UserListPage {
  /** Users that come after this one in the list. */
  before?: UserCursor | undefined
  /** Users that come before it, ending with the one right before it. */
  after?: UserCursor | undefined
  limit: number
}

const nameInAnyCase = sql`lower(${users.name})`

/** By name. @param search a part of the name or of the e-mail address */
export function listUsersPage(
  db: Db,
  search: string | undefined,
  { before, after, limit }: UserListPage,
): ListedUser[] {
  const beside = (cursor: UserCursor | undefined, sign: SQL) =>
    cursor && sql`(${nameInAnyCase}, ${users.id}) ${sign} (lower(${cursor.name}), ${cursor.id})`
  const order = after ? desc : asc
  const rows = db
    .select()
    .from(users)
    .where(and(contains(search), beside(before, sql`>`), beside(after, sql`<`)))
    .orderBy(order(nameInAnyCase), order(users.id))
    .limit(limit)
    .all()
  return after ? rows.reverse() : rows
}

/** How many there are, as far as they are searched for. */
export const countUsers = (db: Db, search: string | undefined): number =>
  db.select({ n: count() }).from(users).where(contains(search)).get()?.n ?? 0

/** @returns the id of the one user with this e-mail address, id or name; undefined for none, or several */
export function findUserCalled(db: Db, text: string): string | undefined {
  const is = (condition: SQL) => db.select({ id: users.id }).from(users).where(condition).limit(2).all()
  const found = is(or(eq(users.email, text.toLowerCase()), eq(users.id, text)) as SQL)
  const [one, another] = found.length ? found : is(sql`${nameInAnyCase} = lower(${text})`)
  return another ? undefined : one?.id
}

function contains(text: string | undefined): SQL | undefined {
  if (!text) return undefined
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return or(...[users.name, users.email].map((column) => sql`${column} like ${pattern} escape '\\'`))
}
