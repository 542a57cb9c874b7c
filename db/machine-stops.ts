import { and, eq, isNull } from 'drizzle-orm'
import { notFound } from '../errors'
import { type Actor, record } from './audit'
import { called, type LaunchRef, requestStop } from './machine-requests'
import { type Clock, type Db, immediately } from './open'
import { machines } from './schema'
import { findSubject } from './users'

/**
 * An administrator's stop of anybody's machine, which its timeline and its owner's activity tell. One that has
 * ended stays as it is.
 * @throws AppError `not_found`
 */
export function stopAnyMachine(db: Db, id: string, by: Actor, clock: Clock): LaunchRef {
  return immediately(db, (tx) => {
    const machine = tx
      .select()
      .from(machines)
      .where(and(eq(machines.id, id), isNull(machines.deletedAt)))
      .get()
    if (!machine) throw notFound('machine')
    if (requestStop(tx, machine, clock(), 'an administrator ends it')) {
      const subject = findSubject(tx, machine.userId)
      const detail = 'By an administrator'
      record(tx, { action: 'machine_stopped', by, subject, target: called(machine), detail }, clock)
    }
    return { machineId: id, attempt: machine.attempt }
  })
}
