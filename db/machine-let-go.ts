import { and, eq, inArray, lte, notExists, or, sql } from 'drizzle-orm'
import { stopBecause } from './machine-ends'
import type { ServiceAddress } from './machine-outcomes'
import type { LaunchRef } from './machine-requests'
import { type ModelRequest, openOf } from './model-request-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import { machineServices, machines, modelRequests, modelVersions } from './schema'

/** Machines that were launched for requests, once none comes any more. */

export interface UnusedMachine {
  machineId: string
  services: ServiceAddress[]
}

/** Runs, was launched for requests, and nothing and nobody used it since; no request is on it or waits for one like it. */
function isUnused(db: Db | Tx, since: number) {
  const wanted = db
    .select({ one: sql`1` })
    .from(modelRequests)
    .innerJoin(
      modelVersions,
      and(eq(modelVersions.modelId, modelRequests.modelId), eq(modelVersions.version, modelRequests.version)),
    )
    .where(
      or(
        and(eq(modelRequests.status, 'in_progress'), eq(modelRequests.machineId, machines.id)),
        and(
          openOf(machines.userId),
          eq(modelRequests.status, 'in_queue'),
          sql`coalesce(${modelVersions.definition} ->> '$.size', ${machines.size}) = ${machines.size}`,
        ),
      ),
    )
  return and(
    eq(machines.status, 'running'),
    eq(machines.forRequests, true),
    lte(machines.activeAt, since),
    notExists(wanted),
  )
}

/** @param since those that were used later are left alone */
export function listUnused(db: Db, since: number): UnusedMachine[] {
  const rows = db.select({ id: machines.id }).from(machines).where(isUnused(db, since)).all()
  const ids = rows.map(({ id }) => id)
  const services = db.select().from(machineServices).where(inArray(machineServices.machineId, ids)).all()
  return ids.map((machineId) => ({
    machineId,
    services: services.filter((service) => service.machineId === machineId),
  }))
}

/** @returns undefined when a request or somebody came in between */
export function letGo(db: Db, machineId: string, idleMs: number, clock: Clock): LaunchRef | undefined {
  return immediately(db, (tx) => {
    const found = tx
      .select()
      .from(machines)
      .where(and(eq(machines.id, machineId), isUnused(tx, clock() - idleMs)))
      .get()
    if (!found) return undefined
    const minutes = Math.round(idleMs / 60_000)
    return stopBecause(
      tx,
      found,
      `no requests came for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`,
      clock,
    )
  })
}

/** Stops the machine on which a request failed for want of an answer, unless its owner launched it. */
export function letGoOfSilent(
  db: Db,
  { machineId, machineAttempt }: Pick<ModelRequest, 'machineId' | 'machineAttempt'>,
  clock: Clock,
): LaunchRef | undefined {
  if (machineId === null || machineAttempt === null) return undefined
  return immediately(db, (tx) => {
    const found = tx
      .select()
      .from(machines)
      .where(
        and(
          eq(machines.id, machineId),
          eq(machines.attempt, machineAttempt),
          eq(machines.status, 'running'),
          eq(machines.forRequests, true),
        ),
      )
      .get()
    return found && stopBecause(tx, found, 'its ComfyUI gave no answer', clock)
  })
}
