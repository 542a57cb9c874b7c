import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  role: text({ enum: ['admin', 'member'] }).notNull(),
  createdAt: integer().notNull(),
})

export const sessions = sqliteTable('sessions', {
  id: text().primaryKey(),
  userId: text()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  secretHash: text().notNull().unique(),
  createdAt: integer().notNull(),
  lastSeenAt: integer().notNull(),
  /** Absolute end; the idle end follows from `lastSeenAt`. */
  expiresAt: integer().notNull(),
})

export const signInLinks = sqliteTable('sign_in_links', {
  id: text().primaryKey(),
  secretHash: text().notNull().unique(),
  createdAt: integer().notNull(),
  expiresAt: integer().notNull(),
  /** Null until somebody signed in with it. */
  usedAt: integer(),
})
