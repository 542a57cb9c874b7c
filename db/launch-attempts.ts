import { and, eq, sql } from 'drizzle-orm'
import type { Reader, Tx } from './open'
import { prepared, preparedInsert } from './prepared'
import { launchAttempts } from './schema'

export interface LaunchFailure {
  errorClass: string
  /** One sentence for the user. */
  message: string
  /** For the administrator; holds no secret. */
  detail: string
}

const insertAttempt = preparedInsert(launchAttempts, 'machineId', 'attempt', 'startedAt', 'requestId')

/** @param requestId of the request that asked for it, where one did */
export function beginAttempt(
  tx: Tx,
  ref: { machineId: string; attempt: number },
  startedAt: number,
  requestId: string | undefined,
): void {
  insertAttempt(tx, { ...ref, startedAt, requestId: requestId ?? null })
}

const isAttempt = and(
  eq(launchAttempts.machineId, sql.placeholder('machineId')),
  eq(launchAttempts.attempt, sql.placeholder('attempt')),
)

const attemptOf = prepared((db) => db.select().from(launchAttempts).where(isAttempt).prepare())

export const findAttempt = (tx: Reader, { machineId, attempt }: { machineId: string; attempt: number }) =>
  attemptOf(tx).get({ machineId, attempt })

const NO_FAILURE = { errorClass: null, message: null, detail: null }

const ended = prepared((db) =>
  db
    .update(launchAttempts)
    .set({
      endedAt: sql`${sql.placeholder('endedAt')}`,
      errorClass: sql`${sql.placeholder('errorClass')}`,
      errorMessage: sql`${sql.placeholder('message')}`,
      errorDetail: sql`${sql.placeholder('detail')}`,
    })
    .where(isAttempt)
    .prepare(),
)

export function endAttempt(
  tx: Tx,
  { machineId, attempt }: { machineId: string; attempt: number },
  endedAt: number,
  failure?: LaunchFailure,
): void {
  const { errorClass, message, detail } = failure ?? NO_FAILURE
  ended(tx).run({ machineId, attempt, endedAt, errorClass, message, detail })
}
