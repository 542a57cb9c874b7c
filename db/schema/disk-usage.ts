import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { users } from './users'

/** What each user's files took on disk when a worker last looked, in bytes. */
export const diskUsage = sqliteTable('disk_usage', {
  userId: text()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  workspaces: integer().notNull().default(0),
  models: integer().notNull().default(0),
  saves: integer().notNull().default(0),
  /** Files that came out of models. */
  results: integer().notNull().default(0),
  /** Null while nothing was measured yet. */
  measuredAt: integer(),
  /** Not to be looked at again before. */
  dueAt: integer().notNull(),
})
