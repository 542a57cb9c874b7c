import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const ACTOR_KINDS = ['user', 'api-token', 'worker', 'operator', 'visitor'] as const

/** Who did what, when and from where. Refers to nothing, so that it outlives what it tells of. */
export const auditEntries = sqliteTable(
  'audit_entries',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    at: integer().notNull(),
    action: text().notNull(),
    actorKind: text({ enum: ACTOR_KINDS }).notNull(),
    /** The user who did it, also by an API token; null for anybody else. */
    actorId: text(),
    /** As it was called at that time. */
    actorName: text().notNull(),
    /** Null where nobody asked over the network. */
    address: text(),
    /** Whose account it is about. */
    subjectId: text(),
    subjectName: text(),
    /** What it was done to, in words: a token's name, a machine, a provider. */
    target: text(),
    /** More, in words; never a secret. */
    detail: text(),
  },
  (table) => [
    index('audit_entries_by_time').on(table.at),
    index('audit_entries_by_subject').on(table.subjectId, table.id),
    index('audit_entries_by_actor').on(table.actorId, table.id),
    index('audit_entries_by_action').on(table.action, table.id),
  ],
)
