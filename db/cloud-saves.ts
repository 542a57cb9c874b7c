import { and, desc, eq, inArray } from 'drizzle-orm'
import { AppError, notFound } from '../errors'
import type { MachineLimits } from '../machine-settings'
import { type Actor, record } from './audit'
import { newId } from './ids'
import { addMachineEvent } from './machine-events'
import { assertDiskLeft } from './machine-limits'
import { type Clock, type Db, immediately, type Tx } from './open'
import { ownedMachine } from './owned-machine'
import { cloudSaves, type MachineStatus, machines } from './schema'

/** What people ask of cloud saves; a worker does the rest. Everything is the user's own, or not there. */

export type CloudSave = typeof cloudSaves.$inferSelect

const owned = (userId: string, id: string) => and(eq(cloudSaves.id, id), eq(cloudSaves.userId, userId))

export const getCloudSave = (db: Db | Tx, userId: string, id: string): CloudSave | undefined =>
  db.select().from(cloudSaves).where(owned(userId, id)).get()

/** The user's saves, of one machine if it is named, the newest first. */
export function listCloudSaves(
  db: Db,
  userId: string,
  { machineId, limit = 100 }: { machineId?: string | undefined; limit?: number } = {},
): CloudSave[] {
  return db
    .select()
    .from(cloudSaves)
    .where(
      and(
        eq(cloudSaves.userId, userId),
        machineId === undefined ? undefined : eq(cloudSaves.machineId, machineId),
      ),
    )
    .orderBy(desc(cloudSaves.createdAt), desc(cloudSaves.id))
    .limit(limit)
    .all()
}

const MAY_BE_SAVED: MachineStatus[] = ['running', 'stopped', 'failed']

/**
 * Has a machine's workspace saved. While it is being saved already, answers that save instead of another.
 * @param name without one it is called after the machine and the time
 * @throws AppError `not_found`, `conflict` while the machine is on its way, or `limit_reached`
 */
export function createCloudSave(
  db: Db,
  { userId, machineId, name }: { userId: string; machineId: string; name?: string | undefined },
  by: Actor,
  clock: Clock,
  limits: MachineLimits = {},
): { id: string } {
  return immediately(db, (tx) => {
    const machine = ownedMachine(tx, userId, machineId)
    const { workspaceId, kind } = machine
    const underWay = tx
      .select({ id: cloudSaves.id })
      .from(cloudSaves)
      .where(and(eq(cloudSaves.workspaceId, workspaceId), inArray(cloudSaves.status, ['queued', 'saving'])))
      .get()
    if (underWay) return underWay
    if (!MAY_BE_SAVED.includes(machine.status))
      throw new AppError(
        'conflict',
        `This machine is ${machine.status}. Save its workspace once it runs or has stopped.`,
      )
    assertDiskLeft(tx, userId, limits)
    const now = clock()
    const called = name ?? `${machine.name}, ${new Date(now).toISOString().slice(0, 16).replace('T', ' ')}`
    const id = newId()
    tx.insert(cloudSaves)
      .values({
        id,
        userId,
        name: called,
        kind,
        machineId,
        machineName: machine.name,
        workspaceId,
        status: 'queued',
        createdAt: now,
      })
      .run()
    addMachineEvent(tx, machineId, `Saving the workspace as “${called}”`, now)
    const detail = `Of ${machine.name} (${machineId})`
    record(tx, { action: 'cloud_save_created', by, target: calledInLog({ id, name: called }), detail }, clock)
    return { id }
  })
}

/** How the audit log names a save. */
const calledInLog = ({ id, name }: Pick<CloudSave, 'id' | 'name'>) => `${name} (${id})`

/**
 * Forgets a save, also one that is only being made; a worker removes its file.
 * @throws AppError `not_found`, or `conflict` while a machine is about to start from it
 */
export function deleteCloudSave(db: Db, userId: string, id: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const save = getCloudSave(tx, userId, id)
    if (!save) throw notFound('cloud save')
    const waiting = tx
      .select({ name: machines.name })
      .from(machines)
      .where(and(eq(machines.saveId, id), inArray(machines.status, ['queued', 'starting'])))
      .get()
    if (waiting)
      throw new AppError(
        'conflict',
        `The machine “${waiting.name}” is about to start from this save. Delete it once the machine runs.`,
      )
    tx.delete(cloudSaves).where(eq(cloudSaves.id, id)).run()
    record(tx, { action: 'cloud_save_deleted', by, target: calledInLog(save) }, clock)
  })
}

/**
 * The save that a new machine of this user's may start from.
 * @throws AppError `not_found`, or `conflict` while there is nothing to start from
 */
export function usableCloudSave(tx: Db | Tx, userId: string, id: string): CloudSave {
  const save = getCloudSave(tx, userId, id)
  if (!save) throw notFound('cloud save')
  if (save.status === 'saved') return save
  throw new AppError(
    'conflict',
    save.status === 'failed'
      ? 'This save failed, so nothing can start from it. Choose another.'
      : 'This save is not finished yet. Start from it once it is.',
    { field: 'saveId' },
  )
}
