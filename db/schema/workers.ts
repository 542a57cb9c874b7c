import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** A row a live worker process; one that has not beaten for a while is gone. */
export const workers = sqliteTable('workers', {
  id: text().primaryKey(),
  startedAt: integer().notNull(),
  beatAt: integer().notNull(),
  /** Where the process is, for whoever has to look after it. */
  host: text().notNull().default(''),
  pid: integer().notNull().default(0),
  /** When the queue last proved that it brings this worker its jobs; a silent one still beats. */
  takesJobsAt: integer().notNull().default(0),
  /** The token keys that it can open values with, separated by blanks. */
  keyIds: text().notNull().default(''),
})
