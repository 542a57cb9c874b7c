import { and, eq } from 'drizzle-orm'
import type { Reader, Tx } from './open'
import { launchAttempts } from './schema'

export interface LaunchFailure {
  errorClass: string
  /** One sentence for the user. */
  message: string
  /** For the administrator; holds no secret. */
  detail: string
}

/** @param requestId of the request that asked for it, where one did */
export function beginAttempt(
  tx: Tx,
  ref: { machineId: string; attempt: number },
  startedAt: number,
  requestId: string | undefined,
): void {
  tx.insert(launchAttempts)
    .values({ ...ref, startedAt, requestId })
    .run()
}

const of = ({ machineId, attempt }: { machineId: string; attempt: number }) =>
  and(eq(launchAttempts.machineId, machineId), eq(launchAttempts.attempt, attempt))

export const findAttempt = (tx: Reader, ref: { machineId: string; attempt: number }) =>
  tx.select().from(launchAttempts).where(of(ref)).get()

export function endAttempt(
  tx: Tx,
  ref: { machineId: string; attempt: number },
  endedAt: number,
  failure?: LaunchFailure,
): void {
  tx.update(launchAttempts)
    .set({
      endedAt,
      errorClass: failure?.errorClass,
      errorMessage: failure?.message,
      errorDetail: failure?.detail,
    })
    .where(of(ref))
    .run()
}
