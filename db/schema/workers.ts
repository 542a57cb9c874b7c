import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** A row a live worker process; one that has not beaten for a while is gone. */
export const workers = sqliteTable('workers', {
  id: text().primaryKey(),
  startedAt: integer().notNull(),
  beatAt: integer().notNull(),
  /** The token keys that it can open values with, separated by blanks. */
  keyIds: text().notNull().default(''),
})
