import { isNotNull, sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { MACHINE_KINDS, type MachineKind, PROVIDER_IDS } from '../../providers/registry'
import { sessions, users } from './users'

export const MACHINE_STATUSES = ['queued', 'starting', 'running', 'stopping', 'stopped', 'failed'] as const
export type MachineStatus = (typeof MACHINE_STATUSES)[number]

/** The programs of a machine. */
export const SERVICE_NAMES = ['comfyui', 'filebrowser', 'trainer'] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]
/** Which of them a kind of machine has, as far as the installation can start them. */
export const SERVICES_OF: Record<MachineKind, readonly ServiceName[]> = {
  comfyui: ['comfyui', 'filebrowser'],
  trainer: ['trainer'],
}

/** The size of a machine for which nobody chose one. */
export const STANDARD_SIZE = 'standard'

export const machines = sqliteTable(
  'machines',
  {
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text({ enum: MACHINE_KINDS }).notNull(),
    name: text().notNull(),
    /** Chosen by whoever asked; asking again with it answers this machine. */
    idempotencyKey: text(),
    /** The folder it works in; a relaunch takes over the workspace of the machine that it replaces. */
    workspaceId: text().notNull(),
    /** The newest machine that took over its workspace; null while none did. */
    replacedBy: text(),
    /** Name of its size in config/machines.json. One that is no longer there keeps its name. */
    size: text().notNull().default(STANDARD_SIZE),
    /** The cloud save that its workspace begins with; null for an empty one. */
    saveId: text(),
    status: text({ enum: MACHINE_STATUSES }).notNull(),
    /** Why its last attempt failed, a key of `launch-errors.ts`; null unless it has failed. */
    errorClass: text(),
    /** Counts administrators' retries, from 1. Each has a fresh snapshot and a row in `launch_attempts`. */
    attempt: integer().notNull(),
    /** Counts the claims of this attempt, from 0; too many end it. */
    tries: integer().notNull(),
    /** Rises with each claim. A worker whose fence is not this one changes nothing. */
    fence: integer().notNull(),
    /** While later than now, the worker that holds `fence` works on this machine; 0 when nobody does. */
    leaseUntil: integer().notNull(),
    /** Not to be claimed before, after a failure that may pass. */
    notBefore: integer().notNull(),
    /** Launched by Slipway for its owner's requests to models: it is let go when none has come for a while. */
    forRequests: integer({ mode: 'boolean' }).notNull().default(false),
    /** How long its session was asked to be, where that is less than everybody's. */
    sessionMs: integer(),
    /** When the session ends by itself, as its length and extensions say; null without a limit. */
    endsAt: integer(),
    /** When somebody or something last used it while it ran; null before it ran. */
    activeAt: integer(),
    /** When the timeline said that the session is about to end; null while it isn't. */
    warnedAt: integer(),
    /** When the timeline said that it is about to be stopped because nobody uses it; null while it isn't. */
    idleWarnedAt: integer(),
    /** Its place among those that wait for room: the longest waiting first. */
    queuedAt: integer().notNull().default(0),
    /** Its owner wants it gone: hidden everywhere, until a worker has ended it and removed its files. */
    deletedAt: integer(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
  },
  (table) => [
    index('machines_by_user').on(table.userId, table.createdAt, table.id),
    index('machines_by_workspace').on(table.workspaceId),
    uniqueIndex('machines_by_idempotency_key').on(table.userId, table.idempotencyKey),
    // With all that failed launches are chosen by. A launch that goes well never writes to these two.
    index('machines_failed')
      .on(
        table.updatedAt,
        table.id,
        table.errorClass,
        ...[table.userId, table.name, table.replacedBy, table.deletedAt],
      )
      .where(isNotNull(table.errorClass)),
    index('machines_failed_by_class')
      .on(table.errorClass, ...[table.userId, table.name, table.replacedBy, table.deletedAt])
      .where(isNotNull(table.errorClass)),
    index('machines_deleted').on(table.deletedAt).where(isNotNull(table.deletedAt)),
    index('machines_by_user_and_change').on(table.userId, table.updatedAt),
    index('machines_by_creation').on(table.createdAt, table.id),
    index('machines_by_status_and_creation').on(table.status, table.createdAt, table.id),
    index('machines_by_kind').on(table.kind, table.createdAt, table.id),
    index('machines_by_size').on(table.size, table.createdAt, table.id),
    index('machines_by_name').on(sql`${table.name} collate nocase`, table.createdAt, table.id),
  ],
)

export const launchAttempts = sqliteTable(
  'launch_attempts',
  {
    machineId: text()
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    attempt: integer().notNull(),
    startedAt: integer().notNull(),
    /** Of the request that asked for it, as the logs of web and worker name it; null where nobody asked. */
    requestId: text(),
    /** Null while it lasts. */
    endedAt: integer(),
    /** Null unless it failed. */
    errorClass: text(),
    /** One sentence for the user. */
    errorMessage: text(),
    /** For the administrator; never holds a secret. */
    errorDetail: text(),
  },
  (table) => [
    primaryKey({ columns: [table.machineId, table.attempt] }),
    index('launch_attempts_failed')
      .on(table.endedAt, table.machineId, table.attempt)
      .where(isNotNull(table.errorClass)),
  ],
)

/** The timeline. Its growing id tells watchers that something about a machine changed. */
export const machineEvents = sqliteTable(
  'machine_events',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    machineId: text()
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    at: integer().notNull(),
    text: text().notNull(),
  },
  (table) => [index('machine_events_by_machine').on(table.machineId, table.id)],
)

export const machineServices = sqliteTable(
  'machine_services',
  {
    machineId: text()
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    name: text({ enum: SERVICE_NAMES }).notNull(),
    /** Where the machine proxy reaches it; never shown to users. */
    address: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.machineId, table.name] })],
)

/** Which tokens the present attempt was started with. Names, prefixes and fingerprints only. */
export const machineTokens = sqliteTable(
  'machine_tokens',
  {
    machineId: text()
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    provider: text({ enum: PROVIDER_IDS }).notNull(),
    visible: text().notNull(),
    fingerprint: text().notNull(),
    takenAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.machineId, table.provider] })],
)

/** The right to enter one service of one machine: a ticket for 30 seconds, then a cookie of that host. */
export const machineAccess = sqliteTable('machine_access', {
  secretHash: text().primaryKey(),
  machineId: text()
    .notNull()
    .references(() => machines.id, { onDelete: 'cascade' }),
  service: text({ enum: SERVICE_NAMES }).notNull(),
  /** Ends with the session of the person who opened it. */
  sessionId: text()
    .notNull()
    .references(() => sessions.id, { onDelete: 'cascade' }),
  expiresAt: integer().notNull(),
})
