import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** One row: who this installation is, and a sealed value that only the right token keys open. */
export const installation = sqliteTable('installation', {
  one: integer().primaryKey().default(1),
  /** Labels everything that this installation starts. */
  id: text().notNull(),
  /** Sealed; opens to the key that fingerprints are made with. */
  canary: text().notNull(),
  createdAt: integer().notNull(),
})
