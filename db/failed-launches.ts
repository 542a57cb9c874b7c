import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Db } from './open'
import { launchAttempts, machines, users } from './schema'

export interface FailedLaunch {
  machineId: string
  machineName: string
  userName: string
  attempt: number
  failedAt: number
  errorClass: string
  message: string
  detail: string
}

/** Every machine whose last attempt failed and that its owner didn't relaunch, the latest first. */
export function listFailedLaunches(db: Db, limit = 100): FailedLaunch[] {
  return db
    .select({
      machineId: machines.id,
      machineName: machines.name,
      userName: users.name,
      attempt: machines.attempt,
      failedAt: launchAttempts.endedAt,
      errorClass: launchAttempts.errorClass,
      message: launchAttempts.errorMessage,
      detail: launchAttempts.errorDetail,
    })
    .from(machines)
    .innerJoin(
      launchAttempts,
      and(eq(launchAttempts.machineId, machines.id), eq(launchAttempts.attempt, machines.attempt)),
    )
    .innerJoin(users, eq(users.id, machines.userId))
    .where(and(eq(machines.status, 'failed'), isNull(machines.replacedBy), isNull(machines.deletedAt)))
    .orderBy(desc(launchAttempts.endedAt))
    .limit(limit)
    .all()
    .map((row) => ({
      ...row,
      failedAt: row.failedAt ?? 0,
      errorClass: row.errorClass ?? '',
      message: row.message ?? '',
      detail: row.detail ?? '',
    }))
}
