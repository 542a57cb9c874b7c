import { and, eq } from 'drizzle-orm'
import type { Tx } from './open'
import { launchAttempts } from './schema'

export interface LaunchFailure {
  errorClass: string
  /** One sentence for the user. */
  message: string
  /** For the administrator; holds no secret. */
  detail: string
}

export function beginAttempt(tx: Tx, machineId: string, attempt: number, startedAt: number): void {
  tx.insert(launchAttempts).values({ machineId, attempt, startedAt }).run()
}

const of = ({ machineId, attempt }: { machineId: string; attempt: number }) =>
  and(eq(launchAttempts.machineId, machineId), eq(launchAttempts.attempt, attempt))

export const findAttempt = (tx: Tx, ref: { machineId: string; attempt: number }) =>
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
