import { and, eq } from 'drizzle-orm'
import type { ModelRequest } from './model-request-states'
import type { Db } from './open'
import { machineServices, machines, type ServiceName } from './schema'

/**
 * Where the services of a request's machine are.
 * @returns undefined when the machine no longer runs as it did when the request came to it
 */
export function findRequestMachine(
  db: Db,
  { userId, machineId, machineAttempt }: ModelRequest,
): { machineId: string; addresses: Map<ServiceName, string> } | undefined {
  if (machineId === null || machineAttempt === null) return undefined
  const services = db
    .select({ name: machineServices.name, address: machineServices.address })
    .from(machineServices)
    .innerJoin(machines, eq(machines.id, machineServices.machineId))
    .where(
      and(
        eq(machines.id, machineId),
        eq(machines.userId, userId),
        eq(machines.attempt, machineAttempt),
        eq(machines.status, 'running'),
      ),
    )
    .all()
  if (!services.length) return undefined
  return { machineId, addresses: new Map(services.map(({ name, address }) => [name, address])) }
}
