import { and, eq, isNull } from 'drizzle-orm'
import { notFound } from '../errors'
import type { Machine } from './machine-states'
import type { Tx } from './open'
import { machines } from './schema'

/** A machine that this user may do something to. @throws AppError `not_found` */
export function ownedMachine(tx: Tx, userId: string, id: string): Machine {
  const machine = tx
    .select()
    .from(machines)
    .where(and(eq(machines.id, id), eq(machines.userId, userId), isNull(machines.deletedAt)))
    .get()
  if (!machine) throw notFound('machine')
  return machine
}
