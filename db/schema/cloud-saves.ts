import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { MACHINE_KINDS } from '../../providers/registry'
import { users } from './users'

const CLOUD_SAVE_STATUSES = ['queued', 'saving', 'saved', 'failed'] as const

/** Immutable versions of workspaces. One that is not `saved` has no archive that anybody may read. */
export const cloudSaves = sqliteTable(
  'cloud_saves',
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    kind: text({ enum: MACHINE_KINDS }).notNull(),
    /** From which machine, which may be forgotten by now. */
    machineId: text().notNull(),
    machineName: text().notNull(),
    workspaceId: text().notNull(),
    status: text({ enum: CLOUD_SAVE_STATUSES }).notNull(),
    /** Of the archive, as `sha256` is; null until it is saved. */
    bytes: integer(),
    sha256: text(),
    /** Progress while it is being saved: bytes of files. */
    bytesDone: integer().notNull().default(0),
    bytesTotal: integer().notNull().default(0),
    /** What was left out, and why; one sentence a line. */
    notes: text(),
    /** Null unless it failed. */
    errorClass: text(),
    errorMessage: text(),
    errorDetail: text(),
    /** As those of machines: claims, who holds it, until when. */
    tries: integer().notNull().default(0),
    fence: integer().notNull().default(0),
    leaseUntil: integer().notNull().default(0),
    createdAt: integer().notNull(),
    endedAt: integer(),
  },
  (table) => [
    index('cloud_saves_by_user').on(table.userId, table.createdAt),
    index('cloud_saves_by_status').on(table.status),
  ],
)
