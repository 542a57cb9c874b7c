import { and, asc, eq, isNull } from 'drizzle-orm'
import { listMachineEvents, type MachineEvent } from './machine-events'
import type { Machine } from './machine-states'
import { atOneMoment, type Db } from './open'
import { launchAttempts, machineServices, machines, type ServiceName, users } from './schema'

/** What an administrator may know of anybody's machine: nothing of what is in it, nor the way to its services. */
export interface MachineFacts {
  machine: Pick<
    Machine,
    | 'id'
    | 'name'
    | 'kind'
    | 'size'
    | 'status'
    | 'attempt'
    | 'createdAt'
    | 'updatedAt'
    | 'endsAt'
    | 'replacedBy'
  >
  owner: { id: string; name: string; email: string | null }
  /** Of a machine that runs. */
  services: ServiceName[]
  /** The last first. */
  attempts: (typeof launchAttempts.$inferSelect)[]
  events: MachineEvent[]
}

/** @returns undefined also for a machine that its owner has deleted */
export const findMachineFacts = (db: Db, id: string): MachineFacts | undefined =>
  atOneMoment(db, (at) => {
    const found = at
      .select({
        machine: {
          id: machines.id,
          name: machines.name,
          kind: machines.kind,
          size: machines.size,
          status: machines.status,
          attempt: machines.attempt,
          createdAt: machines.createdAt,
          updatedAt: machines.updatedAt,
          endsAt: machines.endsAt,
          replacedBy: machines.replacedBy,
        },
        owner: { id: users.id, name: users.name, email: users.email },
      })
      .from(machines)
      .innerJoin(users, eq(users.id, machines.userId))
      .where(and(eq(machines.id, id), isNull(machines.deletedAt)))
      .get()
    if (!found) return undefined
    const services = at
      .select({ name: machineServices.name })
      .from(machineServices)
      .where(eq(machineServices.machineId, id))
      .orderBy(asc(machineServices.name))
      .all()
    const attempts = at
      .select()
      .from(launchAttempts)
      .where(eq(launchAttempts.machineId, id))
      .orderBy(asc(launchAttempts.attempt))
      .all()
    return {
      ...found,
      services: found.machine.status === 'running' ? services.map(({ name }) => name) : [],
      attempts: attempts.reverse(),
      events: listMachineEvents(at, id),
    }
  })
