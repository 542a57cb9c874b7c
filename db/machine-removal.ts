import {
  and,
  asc,
  eq,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  notExists,
  notInArray,
  or,
  sql,
} from 'drizzle-orm'
import { measureSoon } from './disk-usage'
import { type Clock, type Db, immediately } from './open'
import { cloudSaves, type MachineStatus, machines } from './schema'

/** The end of machines that their owners deleted. */

const ENDED: MachineStatus[] = ['stopped', 'failed']

export interface Removal {
  machineId: string
  /** Undefined while another machine works in it. */
  workspaceId: string | undefined
}

/**
 * Takes machines that were deleted and have ended, for their files to be removed. While a cloud save is made
 * of its workspace a machine stays.
 */
export function claimRemovals(
  db: Db,
  { limit, leaseMs, clock }: { limit: number; leaseMs: number; clock: Clock },
): Removal[] {
  return immediately(db, (tx) => {
    const now = clock()
    const gone = tx
      .select()
      .from(machines)
      .where(
        and(
          isNotNull(machines.deletedAt),
          // Not by an index of statuses: nearly all machines have ended, and few are deleted.
          sql`+${machines.status} in ('stopped', 'failed')`,
          lte(machines.leaseUntil, now),
          notExists(
            tx
              .select({ one: sql`1` })
              .from(cloudSaves)
              .where(
                and(
                  eq(cloudSaves.workspaceId, machines.workspaceId),
                  inArray(cloudSaves.status, ['queued', 'saving']),
                ),
              ),
          ),
        ),
      )
      .orderBy(asc(machines.deletedAt))
      .limit(limit)
      .all()
    return gone.map(({ id, workspaceId }) => {
      tx.update(machines)
        .set({ leaseUntil: now + leaseMs })
        .where(eq(machines.id, id))
        .run()
      const other = tx
        .select({ id: machines.id })
        .from(machines)
        .where(
          and(
            eq(machines.workspaceId, workspaceId),
            ne(machines.id, id),
            or(isNull(machines.deletedAt), notInArray(machines.status, ENDED)),
          ),
        )
        .get()
      return { machineId: id, workspaceId: other ? undefined : workspaceId }
    })
  })
}

/** Forgets a machine of which nothing is left. The audit log remembers it. */
export function forgetMachine(db: Db, machineId: string): void {
  immediately(db, (tx) => {
    const gone = tx
      .delete(machines)
      .where(and(eq(machines.id, machineId), isNotNull(machines.deletedAt), inArray(machines.status, ENDED)))
      .returning()
      .get()
    if (gone) measureSoon(tx, gone.userId)
  })
}
