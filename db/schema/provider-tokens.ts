import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { PROVIDER_IDS } from '../../providers/registry'
import { users } from './users'

export const providerTokens = sqliteTable(
  'provider_tokens',
  {
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    provider: text({ enum: PROVIDER_IDS }).notNull(),
    /** The sealed value. Nothing but the launch opens it. */
    sealed: text().notNull(),
    /** The first characters, the only part that is ever shown. */
    visible: text().notNull(),
    /** Keyed hash of the value: equal values of one user and provider have equal fingerprints. */
    fingerprint: text().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.provider] })],
)
