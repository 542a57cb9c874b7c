import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { users } from './users'

export const TOKEN_TYPES = ['api', 'cli'] as const
export type TokenType = (typeof TOKEN_TYPES)[number]

/** API tokens of Slipway's own. A row stays when its token is revoked or has expired. */
export const userTokens = sqliteTable(
  'user_tokens',
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    tokenType: text({ enum: TOKEN_TYPES }).notNull(),
    /** The OAuth client that it was made for by a device grant; null when it was made on a page. */
    clientId: text(),
    name: text().notNull(),
    secretHash: text().notNull().unique(),
    /** The start and the last four characters, all that is shown of it later. */
    visibleStart: text().notNull(),
    visibleEnd: text().notNull(),
    /** Scopes separated by blanks. */
    scopes: text().notNull(),
    createdAt: integer().notNull(),
    /** Null: never. */
    expiresAt: integer(),
    lastUsedAt: integer(),
    revokedAt: integer(),
    /** Chosen by whoever asked for it; asking again with it makes no second token. */
    idempotencyKey: text(),
  },
  (table) => [
    index('user_tokens_by_user').on(table.userId, table.createdAt),
    uniqueIndex('user_tokens_by_idempotency_key').on(table.userId, table.idempotencyKey),
  ],
)
