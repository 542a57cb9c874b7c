import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ModelDefinition } from '../../workflows/definition'
import type { Workflow } from '../../workflows/workflow'
import { users } from './users'

export const MODEL_VISIBILITIES = ['private', 'everyone'] as const
export type ModelVisibility = (typeof MODEL_VISIBILITIES)[number]

/** ComfyUI workflows that their owners published, for others to call. */
export const models = sqliteTable(
  'models',
  {
    /** `owner/name` or `owner/name/kind`. It never changes: people's scripts say it. */
    id: text().primaryKey(),
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    visibility: text({ enum: MODEL_VISIBILITIES }).notNull(),
    /** The version that is called. */
    version: integer().notNull(),
    createdAt: integer().notNull(),
    updatedAt: integer().notNull(),
    /** Null unless its owner took it back: nobody can call it, and only its owner can publish it again. */
    withdrawnAt: integer(),
  },
  (table) => [index('models_by_user').on(table.userId)],
)

/** Never changed once written. */
export const modelVersions = sqliteTable(
  'model_versions',
  {
    modelId: text()
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    /** As ComfyUI's API takes it. */
    workflow: text({ mode: 'json' }).$type<Workflow>().notNull(),
    definition: text({ mode: 'json' }).$type<ModelDefinition>().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.modelId, table.version] })],
)

export const REQUEST_STATUSES = ['in_queue', 'in_progress', 'completed', 'failed', 'cancelled'] as const
export type RequestStatus = (typeof REQUEST_STATUSES)[number]

/** What a worker does for a request that is in progress, in this order. */
export const REQUEST_STAGES = ['checking', 'downloading', 'running', 'fetching'] as const
export type RequestStage = (typeof REQUEST_STAGES)[number]

/** Calls of models. */
export const modelRequests = sqliteTable(
  'model_requests',
  {
    id: text().primaryKey(),
    /** Who calls: whose machine it runs on, with whose tokens. */
    userId: text()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    modelId: text()
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    /** Chosen by whoever called; the same one again answers this request. */
    idempotencyKey: text(),
    /** Of model and inputs as they were sent, to tell a repetition from another call under the same key. */
    callHash: text().notNull(),
    status: text({ enum: REQUEST_STATUSES }).notNull(),
    /** The machine that it waits for or runs on, and which of its attempts; null while none was found. */
    machineId: text(),
    machineAttempt: integer(),
    /** Null unless it is in progress. */
    stage: text({ enum: REQUEST_STAGES }),
    /** Of the stage, from 0 to 1; null while nobody knows. */
    progress: real(),
    /** A sentence about the stage. */
    progressText: text(),
    /** ComfyUI's id of it, chosen before it is sent. */
    promptId: text(),
    /** When it was about to be sent to ComfyUI: from here on it is never sent again. */
    submittedAt: integer(),
    /** When ComfyUI had taken it. */
    acceptedAt: integer(),
    /** Whether it was ended while ComfyUI may still work on it: a worker has to take it back there. */
    unsettled: integer({ mode: 'boolean' }).notNull().default(false),
    /** Texts that came out, by the name of the output; files have rows of their own. Null until it is completed. */
    texts: text({ mode: 'json' }).$type<Record<string, string[]>>(),
    /** Null unless it failed. */
    errorClass: text(),
    /** For the caller: what happened and the cure. */
    errorMessage: text(),
    /** For the log and the administrator; never holds a secret. */
    errorDetail: text(),
    /** As those of machines: claims, who holds it, until when, not before when. */
    tries: integer().notNull().default(0),
    fence: integer().notNull().default(0),
    leaseUntil: integer().notNull().default(0),
    notBefore: integer().notNull().default(0),
    createdAt: integer().notNull(),
    /** When it went in progress and stayed so; null in the queue, also after a try that came to nothing. */
    startedAt: integer(),
    endedAt: integer(),
    /** When its files and inputs were removed. */
    expiredAt: integer(),
    /** Higher than every other at each change that somebody may see: what watchers go by. */
    revision: integer().notNull(),
  },
  (table) => [
    index('model_requests_by_user').on(table.userId, table.createdAt, table.id),
    index('model_requests_by_user_and_model').on(table.userId, table.modelId, table.createdAt, table.id),
    // Of those that are open, the end is null: a user's few among all of the last months.
    index('model_requests_by_user_and_end').on(table.userId, table.endedAt, table.createdAt),
    index('model_requests_by_model').on(table.modelId, table.endedAt),
    index('model_requests_by_status').on(table.status, table.leaseUntil),
    index('model_requests_by_machine').on(table.machineId, table.status),
    uniqueIndex('model_requests_by_idempotency_key').on(table.userId, table.idempotencyKey),
    uniqueIndex('model_requests_by_revision').on(table.revision),
    index('model_requests_by_end').on(table.endedAt),
    index('model_requests_to_expire').on(table.endedAt).where(sql`${table.expiredAt} is null`),
    index('model_requests_kept').on(table.userId).where(sql`${table.expiredAt} is null`),
    index('model_requests_unsettled').on(table.leaseUntil).where(sql`${table.unsettled} = 1`),
  ],
)

/** Apart from the requests, which are looked at and written often: inputs can be megabytes. */
export const modelRequestInputs = sqliteTable('model_request_inputs', {
  requestId: text()
    .primaryKey()
    .references(() => modelRequests.id, { onDelete: 'cascade' }),
  /** Checked values of the model's inputs, by name. They go when the request's files do. */
  inputs: text({ mode: 'json' }).$type<Record<string, unknown>>().notNull(),
})

/** Files that came out of a request, below `results/<user>/<request>/<position>` in DATA_DIR. */
export const resultFiles = sqliteTable(
  'result_files',
  {
    requestId: text()
      .notNull()
      .references(() => modelRequests.id, { onDelete: 'cascade' }),
    /** From 0, over all outputs. */
    position: integer().notNull(),
    /** The name of the model's output that it belongs to. */
    output: text().notNull(),
    /** A plain file name without folders. */
    name: text().notNull(),
    mediaType: text().notNull(),
    bytes: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.position] })],
)
