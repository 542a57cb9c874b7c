import { and, asc, eq, inArray, lte, or } from 'drizzle-orm'
import type { ServiceAddress } from './machine-outcomes'
import { hasRoom } from './machine-queue'
import type { LaunchRef } from './machine-requests'
import { LIVE_STATUSES, type Machine } from './machine-states'
import type { Db } from './open'
import { machineServices, machines } from './schema'

/** What workers look for, whoever it belongs to. */

/**
 * Machines that wait for a worker: due, with room for them, and nobody holds them. The longest waiting first.
 * @param inAll how many machines may run; undefined is without a limit
 */
export function listDue(
  db: Db,
  now: number,
  limit: number,
  inAll?: number | undefined,
): (LaunchRef & { job: 'launch' | 'stop' })[] {
  return db
    .select({ machineId: machines.id, attempt: machines.attempt, status: machines.status })
    .from(machines)
    .where(
      and(
        inArray(machines.status, ['queued', 'starting', 'stopping']),
        lte(machines.leaseUntil, now),
        lte(machines.notBefore, now),
        inAll === undefined ? undefined : or(eq(machines.status, 'stopping'), hasRoom(db, inAll, now)),
      ),
    )
    .orderBy(asc(machines.updatedAt))
    .limit(limit)
    .all()
    .map(({ status, ...ref }) => ({ ...ref, job: status === 'stopping' ? 'stop' : 'launch' }))
}

export interface LiveMachine extends Pick<Machine, 'status' | 'attempt'> {
  /** What it was started with. */
  services: ServiceAddress[]
}

/** Where each machine stands that has not ended, for comparing with the runtime. */
export function listLive(db: Db): Map<string, LiveMachine> {
  const rows = db
    .select()
    .from(machines)
    .where(inArray(machines.status, [...LIVE_STATUSES]))
    .all()
  const ids = rows.map(({ id }) => id)
  const services = db.select().from(machineServices).where(inArray(machineServices.machineId, ids)).all()
  return new Map(
    rows.map(({ id, status, attempt }) => [
      id,
      {
        status,
        attempt,
        services: services.filter(({ machineId }) => machineId === id),
      },
    ]),
  )
}

/** The queued machine that waits for this one's workspace, if any. */
export function nextInWorkspace(db: Db, workspaceId: string): LaunchRef | undefined {
  return db
    .select({ machineId: machines.id, attempt: machines.attempt })
    .from(machines)
    .where(and(eq(machines.workspaceId, workspaceId), eq(machines.status, 'queued')))
    .orderBy(asc(machines.createdAt))
    .get()
}
