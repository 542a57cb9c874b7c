import { and, asc, desc, eq, gt, inArray } from 'drizzle-orm'
import type { Db, Reader, Tx } from './open'
import { preparedInsert } from './prepared'
import { machineEvents, machines } from './schema'

export interface MachineEvent {
  id: number
  at: number
  text: string
}

export type EventLine = Pick<MachineEvent, 'at' | 'text'>

const insertEvent = preparedInsert(machineEvents, 'machineId', 'text', 'at')

/** Adds a line to the machine's timeline, and so wakes whoever watches it. */
export const addMachineEvent = (db: Db | Tx, machineId: string, text: string, at: number): void =>
  insertEvent(db, { machineId, text, at })

/** Says the same on the timeline of each machine of one user that holds, or is about to hold, tokens. */
export function addEventToLiveMachines(tx: Tx, userId: string, text: string, at: number): void {
  const live = tx
    .select({ id: machines.id })
    .from(machines)
    .where(and(eq(machines.userId, userId), inArray(machines.status, ['starting', 'running'])))
    .all()
  for (const { id } of live) addMachineEvent(tx, id, text, at)
}

/** The newest events of one machine, oldest first. */
export function listMachineEvents(db: Reader, machineId: string, limit = 100): MachineEvent[] {
  return db
    .select({ id: machineEvents.id, at: machineEvents.at, text: machineEvents.text })
    .from(machineEvents)
    .where(eq(machineEvents.machineId, machineId))
    .orderBy(desc(machineEvents.id))
    .limit(limit)
    .all()
    .reverse()
}

export const lastMachineEventId = (db: Db): number =>
  db.select({ id: machineEvents.id }).from(machineEvents).orderBy(desc(machineEvents.id)).limit(1).get()
    ?.id ?? 0

/** Which machines, and whose, something happened to after the event `id`; in order, at most 500 events. */
export function changesAfter(db: Db, id: number): { id: number; subjectId: string; userId: string }[] {
  return db
    .select({ id: machineEvents.id, subjectId: machineEvents.machineId, userId: machines.userId })
    .from(machineEvents)
    .innerJoin(machines, eq(machines.id, machineEvents.machineId))
    .where(gt(machineEvents.id, id))
    .orderBy(asc(machineEvents.id))
    .limit(500)
    .all()
}
