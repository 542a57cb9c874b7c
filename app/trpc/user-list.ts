import * as z from 'zod'
import type { Db } from '../../db/open'
import { countUsers, listUsersPage, type UserCursor, type UserListPage } from '../../db/user-list'
import type { ListedUser } from '../../db/users'
import { iso } from './iso'

const NO_PAGE = 'is no page of the list; begin with the first'

const cursor = z
  .string()
  .regex(/^[a-z0-9]{1,64}-.{0,200}$/su, NO_PAGE)
  .transform((text): UserCursor => {
    const [id = '', ...name] = text.split('-')
    return { id, name: name.join('-') }
  })

export const userListInput = z
  .strictObject({
    /** A part of the name or of the e-mail address. */
    search: z.string().trim().max(100, 'has more than 100 characters; search for less').optional(),
    before: cursor.optional(),
    after: cursor.optional(),
    limit: z.number().int().min(1).max(100, 'must be at most 100').default(50),
  })
  .prefault({})

/** A page of everybody, by name, with the cursors of the pages next to it. @param viewerId who asks */
export function userListView(
  db: Db,
  { search, before, after, limit }: z.output<typeof userListInput>,
  viewerId: string,
) {
  const users = listUsersPage(db, search, { before, after, limit })
  const [first, last] = [users[0], users.at(-1)]
  const hasMore = (page: Omit<UserListPage, 'limit'>) =>
    listUsersPage(db, search, { ...page, limit: 1 }).length > 0
  return {
    users: users.map((user) => userView(user, viewerId)),
    /** Of all pages. */
    total: countUsers(db, search),
    older: last && hasMore({ before: last }) ? cursorOf(last) : null,
    newer: first && hasMore({ after: first }) ? cursorOf(first) : null,
  }
}

const cursorOf = ({ id, name }: UserCursor) => `${id}-${name}`

/** @param viewerId who asks */
export const userView = ({ createdAt, signedInAt, disabledAt, ...user }: ListedUser, viewerId: string) => ({
  ...user,
  createdAt: iso(createdAt),
  /** Null while only invited. */
  signedInAt: iso(signedInAt),
  disabledAt: iso(disabledAt),
  isYou: user.id === viewerId,
})
