import {
  and,
  asc,
  count,
  eq,
  inArray,
  lte,
  notExists,
  or,
  type Placeholder,
  type SQL,
  sql,
} from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { LaunchRef } from './machine-requests'
import type { Db, Tx } from './open'
import { type MachineStatus, machines } from './schema'

/**
 * Who starts next where there is room for a limited number of machines. A machine takes room from its claim
 * until its end; those that wait start in the order in which they were queued.
 */

const TAKES_ROOM = ['starting', 'running', 'stopping'] as const satisfies MachineStatus[]

const other = alias(machines, 'other')
const ahead = alias(machines, 'ahead')
const taken = alias(machines, 'taken')

/** A workspace is one machine's at a time: a successor waits until the one before it has ended. */
export const workspaceIsFree = (tx: Db | Tx, machine: typeof machines | typeof ahead = machines): SQL =>
  notExists(
    tx
      .select({ one: sql`1` })
      .from(other)
      .where(
        and(
          sql`${other.id} <> ${machine.id}`,
          sql`${other.workspaceId} = ${machine.workspaceId}`,
          inArray(other.status, [...TAKES_ROOM]),
        ),
      ),
  )

/**
 * Guard of a launch: there is room for it, and nobody before it could take that now. One that starts has room.
 * @param inAll how many machines may run
 */
export function hasRoom(
  tx: Db | Tx,
  inAll: number | Placeholder,
  now: number | Placeholder,
): SQL | undefined {
  const running = tx
    .select({ n: sql`count(*)` })
    .from(taken)
    .where(inArray(taken.status, [...TAKES_ROOM]))
  const before = tx
    .select({ n: sql`count(*)` })
    .from(ahead)
    .where(
      and(
        eq(ahead.status, 'queued'),
        lte(ahead.notBefore, now),
        sql`(${ahead.queuedAt}, ${ahead}.rowid) < (${machines.queuedAt}, ${machines}.rowid)`,
        workspaceIsFree(tx, ahead),
      ),
    )
  // Without room at all nobody has to be counted, of whom there may be thousands.
  return or(
    eq(machines.status, 'starting'),
    and(sql`${running} < ${inAll}`, sql`${running} + ${before} < ${inAll}`),
  )
}

/** Those that wait and could be claimed now, the longest waiting first. */
export function listNext(db: Db, inAll: number, now: number): LaunchRef[] {
  const room = inAll - countTaken(db)
  if (room <= 0) return []
  return db
    .select({ machineId: machines.id, attempt: machines.attempt })
    .from(machines)
    .where(and(eq(machines.status, 'queued'), lte(machines.notBefore, now), workspaceIsFree(db)))
    .orderBy(asc(machines.queuedAt), sql`rowid`)
    .limit(room)
    .all()
}

const countTaken = (db: Db): number =>
  db
    .select({ n: count() })
    .from(machines)
    .where(inArray(machines.status, [...TAKES_ROOM]))
    .get()?.n ?? 0

/** Why machines wait, and in which order; undefined while there is room. */
export interface WaitingLine {
  /** Machines that take room now, of `inAll` that may. */
  running: number
  inAll: number
  /** The ids of those that wait, the next one first. */
  ids: string[]
}

export function waitingLine(db: Db, inAll: number | undefined): WaitingLine | undefined {
  if (inAll === undefined) return undefined
  const running = countTaken(db)
  if (running < inAll) return undefined
  const waiting = db
    .select({ id: machines.id })
    .from(machines)
    .where(eq(machines.status, 'queued'))
    .orderBy(asc(machines.queuedAt), sql`rowid`)
    .all()
  return { running, inAll, ids: waiting.map(({ id }) => id) }
}
