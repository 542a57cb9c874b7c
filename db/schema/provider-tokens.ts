import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ModelAccess } from '../../providers/model-access'
import type { ModelQuestion } from '../../providers/models/question'
import { PROVIDER_IDS } from '../../providers/registry'
import type { KeptCheck } from '../../providers/token-check'
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
    /** The key that sealed it, so that a rotation finds what is left to do. */
    keyId: text().notNull().default(''),
    /** The first characters, the only part that is ever shown. */
    visible: text().notNull(),
    /** Keyed hash of the value: equal values of one user and provider have equal fingerprints. */
    fingerprint: text().notNull(),
    updatedAt: integer().notNull(),
    /** What its issuer said of it last; null while nobody asked. */
    check: text({ mode: 'json' }).$type<KeptCheck>(),
    checkedAt: integer(),
    /** When to ask the issuer again. */
    checkDueAt: integer().notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.provider] }),
    index('provider_tokens_by_key').on(table.keyId),
    index('provider_tokens_by_check_due').on(table.checkDueAt),
  ],
)

/** Whether a token opens a model: asked by a page, answered by a worker, which alone can open the token. */
export const modelChecks = sqliteTable(
  'model_checks',
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    provider: text({ enum: PROVIDER_IDS }).notNull(),
    /** What was asked about, as it was understood; never what was typed, which may hold a token. */
    source: text({ mode: 'json' }).notNull().$type<ModelQuestion>(),
    requestedAt: integer().notNull(),
    /** While later than now, a worker is at it. */
    claimedUntil: integer().notNull().default(0),
    /** Null while no worker has answered. */
    finishedAt: integer(),
    result: text({ mode: 'json' }).$type<ModelAccess>(),
  },
  (table) => [index('model_checks_by_user').on(table.userId, table.requestedAt)],
)
