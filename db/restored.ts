import { eq, inArray, isNull, ne, sql } from 'drizzle-orm'
import { LAUNCH_ERRORS } from '../launch-errors'
import { REQUEST_ERRORS } from '../request-errors'
import { OPERATOR, record } from './audit'
import { newId } from './ids'
import { endAttempt } from './launch-attempts'
import { endEveryRun } from './machine-runs'
import { LIVE_STATUSES, type Machine, moveMachine } from './machine-states'
import { failed } from './model-request-outcomes'
import { moveRequest, OPEN_REQUESTS } from './model-request-states'
import { type Clock, type Db, immediately, type Tx } from './open'
import {
  cloudSaves,
  deviceGrants,
  installation,
  machines,
  modelChecks,
  modelRequests,
  sessions,
  signInLinks,
  workers,
} from './schema'

export interface Restored {
  /** When the backup was made, as ISO. */
  takenAt: string
  /** Whether it goes on in the place of the installation that the backup is of, and ends what that left running. */
  isSameInstallation: boolean
}

/**
 * Makes of a copy from another time a database to start with: nothing of what was under way is done again, nobody
 * is signed in, and no one-time code or link is good any more.
 * @returns how many machines and requests were ended
 */
export function settleRestored(
  db: Db,
  { takenAt, isSameInstallation }: Restored,
  clock: Clock,
): { machines: number; requests: number } {
  return immediately(db, (tx) => {
    const detail = `Of a backup from ${takenAt}.`
    // How long they ran on after the backup nobody knows.
    endEveryRun(tx, Date.parse(takenAt))
    const ended = endMachines(tx, detail, clock)
    const requests = endRequests(tx, detail, clock)
    // Whoever held these holds nothing here.
    tx.update(cloudSaves).set({ leaseUntil: 0 }).where(ne(cloudSaves.leaseUntil, 0)).run()
    tx.update(modelChecks).set({ claimedUntil: 0 }).where(isNull(modelChecks.finishedAt)).run()
    tx.delete(workers).run()
    // With them the right to enter machines.
    tx.delete(sessions).run()
    tx.delete(signInLinks).where(isNull(signInLinks.usedAt)).run()
    tx.delete(deviceGrants).run()
    if (!isSameInstallation) tx.update(installation).set({ id: newId() }).run()
    record(
      tx,
      {
        action: 'backup_restored',
        by: OPERATOR,
        detail: `${detail} Ended ${ended} machines and ${requests} requests`,
      },
      clock,
    )
    return { machines: ended, requests }
  })
}

function endMachines(tx: Tx, detail: string, clock: Clock): number {
  const live = tx
    .select()
    .from(machines)
    .where(inArray(machines.status, [...LIVE_STATUSES]))
    .all()
  for (const machine of live) endMachine(tx, machine, detail, clock())
  return live.length
}

function endMachine(tx: Tx, { id, attempt, status }: Machine, detail: string, now: number): void {
  const { message } = LAUNCH_ERRORS.restored
  // It was perhaps launched after the backup was made: a retry is not its first try.
  const set = { leaseUntil: sql`0`, fence: sql`${machines.fence} + 1` }
  const common = { guard: undefined, set, event: message, now }
  // What somebody had asked to stop has not failed.
  if (status === 'stopping') {
    moveMachine(tx, id, { ...common, from: [status], to: 'stopped' })
    endAttempt(tx, { machineId: id, attempt }, now)
  } else {
    const errorClass = 'restored'
    moveMachine(tx, id, { ...common, from: [status], to: 'failed', errorClass })
    endAttempt(tx, { machineId: id, attempt }, now, { errorClass, message, detail })
  }
}

function endRequests(tx: Tx, detail: string, clock: Clock): number {
  const open = tx
    .select({ id: modelRequests.id })
    .from(modelRequests)
    .where(inArray(modelRequests.status, [...OPEN_REQUESTS]))
    .all()
  const { message } = REQUEST_ERRORS.restored
  const failure = { errorClass: 'restored', message, detail }
  for (const { id } of open)
    moveRequest(tx, id, {
      from: OPEN_REQUESTS,
      to: 'failed',
      guard: undefined,
      set: { ...failed(failure, clock), leaseUntil: 0 },
    })
  // No ComfyUI of this installation works on any.
  tx.update(modelRequests)
    .set({ unsettled: false, leaseUntil: 0 })
    .where(sql`${modelRequests.unsettled} = 1`)
    .run()
  return open.length
}

/** Whose database it is; undefined for one that `npm start` never came to the end with. */
export const installationId = (db: Db): string | undefined =>
  db.select({ id: installation.id }).from(installation).where(eq(installation.one, 1)).get()?.id
