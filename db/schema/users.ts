import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const USER_ROLES = ['admin', 'member'] as const

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  /** In lower case. Null only for an administrator who came by the link of the server's terminal. */
  email: text().unique(),
  role: text({ enum: USER_ROLES }).notNull(),
  /** What their models are published under. Chosen once; null until then. */
  username: text().unique(),
  createdAt: integer().notNull(),
  /** The latest time; null while only invited. */
  signedInAt: integer(),
  /** Null unless an administrator shut the account. */
  disabledAt: integer(),
})

/** What an administrator allows one user in place of everybody's limits; null is what everybody has. */
export const userLimits = sqliteTable('user_limits', {
  userId: text()
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** Machines that run or are on their way; 0 keeps them from launching. */
  machines: integer(),
  /** How long a machine runs until it is extended. */
  sessionMs: integer(),
  /** Bytes of workspaces, models, cloud saves and results. */
  diskBytes: integer(),
  updatedAt: integer().notNull(),
})

/** Accounts at OIDC providers that sign a user in. */
export const userIdentities = sqliteTable(
  'user_identities',
  {
    issuer: text().notNull(),
    /** The provider's own id of the person, the only one that never changes. */
    subject: text().notNull(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.subject] })],
)

export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    secretHash: text().notNull().unique(),
    createdAt: integer().notNull(),
    lastSeenAt: integer().notNull(),
    /** Absolute end; the idle end follows from `lastSeenAt`. */
    expiresAt: integer().notNull(),
    /** Where it was last seen from. */
    address: text().notNull().default(''),
    userAgent: text().notNull().default(''),
  },
  (table) => [index('sessions_by_user').on(table.userId)],
)

/** One-time links: by mail, or, without an e-mail address, from the server's own terminal. */
export const signInLinks = sqliteTable(
  'sign_in_links',
  {
    id: text().primaryKey(),
    secretHash: text().notNull().unique(),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    /** Null until somebody signed in with it. */
    usedAt: integer(),
    /** Whom it signs in; null for the administrator at the terminal. */
    email: text(),
    /** Of the cookie of the browser that asked; the link signs in that browser alone. */
    browserHash: text().unique(),
    /** Of that cookie and the code that the link shows in any other browser. */
    codeHash: text(),
    wrongCodes: integer().notNull().default(0),
    /** Who asked, shown to whoever opens the link elsewhere. */
    address: text().notNull().default(''),
    userAgent: text().notNull().default(''),
  },
  (table) => [index('sign_in_links_by_email').on(table.email)],
)
