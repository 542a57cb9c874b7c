import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { MACHINE_KINDS } from '../../providers/registry'
import { users } from './users'

/** One row each time that a machine comes to run. It outlives the machine, and goes with the user. */
export const machineRuns = sqliteTable(
  'machine_runs',
  {
    machineId: text().notNull(),
    attempt: integer().notNull(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** As the machine was called then. */
    machineName: text().notNull(),
    kind: text({ enum: MACHINE_KINDS }).notNull(),
    size: text().notNull(),
    /** How many the size had then; “all” of a host counts as 1. */
    gpus: integer().notNull(),
    /** When this attempt was asked for. */
    requestedAt: integer().notNull(),
    startedAt: integer().notNull(),
    /** Null while it runs. */
    endedAt: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.machineId, table.attempt] }),
    // What ended after a day began, or runs still, is all that the day can hold.
    index('machine_runs_by_end').on(table.endedAt),
    index('machine_runs_by_user_and_end').on(table.userId, table.endedAt),
  ],
)

/** Models that the file managers of machines have fetched. A row outlives its machine, and goes with the user. */
export const downloads = sqliteTable(
  'downloads',
  {
    /** As the file manager calls it; a workspace keeps it through relaunches and cloud saves. */
    id: text().notNull(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    machineId: text().notNull(),
    /** When it was done. */
    at: integer().notNull(),
    bytes: integer().notNull(),
    /** Where it came from, without path, query or token. */
    host: text().notNull(),
    /** Of the file, without its folder. */
    name: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.id] }),
    index('downloads_by_time').on(table.at, table.userId, table.bytes),
    index('downloads_by_user_and_time').on(table.userId, table.at, table.machineId, table.bytes),
  ],
)
