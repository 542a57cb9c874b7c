import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { users } from './users'

export const DEVICE_GRANT_STATUSES = ['pending', 'approved', 'denied', 'redeemed'] as const
/** RunComfy's own, which knows no `slow_down`, and RFC 8628. */
export const DEVICE_PROTOCOLS = ['runcomfy', 'oauth'] as const

/** Logins of the command line and other programs, each from its start to the one token that comes of it. */
export const deviceGrants = sqliteTable(
  'device_grants',
  {
    id: text().primaryKey(),
    /** Of the long secret that the program polls with. */
    deviceCodeHash: text().notNull().unique(),
    /** Of the short code that a person types. */
    userCodeHash: text().notNull().unique(),
    status: text({ enum: DEVICE_GRANT_STATUSES }).notNull(),
    /** The OAuth client that asks. */
    clientId: text().notNull(),
    protocol: text({ enum: DEVICE_PROTOCOLS }).notNull(),
    /** What the program says it runs on; nobody vouches for it. */
    deviceName: text().notNull(),
    /** Scopes separated by blanks. */
    scopes: text().notNull(),
    /** Where it was started from. */
    address: text().notNull(),
    userAgent: text().notNull(),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    /** Whoever entered the code first; nobody else can decide. Null until then. */
    userId: text().references(() => users.id, { onDelete: 'cascade' }),
    /** How often somebody else entered the code afterwards. */
    strangers: integer().notNull().default(0),
    /** How long the program has to wait between two polls; it grows when it doesn't. */
    intervalSeconds: integer().notNull(),
    lastPolledAt: integer(),
  },
  (table) => [index('device_grants_by_expiry').on(table.expiresAt)],
)
