import { and, asc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import { stopBecause } from './machine-ends'
import { addMachineEvent } from './machine-events'
import type { ServiceAddress } from './machine-outcomes'
import type { LaunchRef } from './machine-requests'
import { type Clock, type Db, immediately, type Tx } from './open'
import { machineServices, machines } from './schema'

/** When running machines were last used, and what becomes of those that nobody uses. */

/** How long before an idle machine is stopped it is announced. */
export const IDLE_WARNING_MS = 5 * 60_000

/** A running machine is in use now; takes back an announcement that it would be stopped. */
export const markActive = (db: Db, machineId: string, clock: Clock): void =>
  immediately(db, (tx) => noteActive(tx, machineId, clock()))

/** The same, in a transaction that writes other things too. */
export function noteActive(tx: Tx, machineId: string, now: number): void {
  const machine = tx
    .select({ idleWarnedAt: machines.idleWarnedAt })
    .from(machines)
    .where(and(eq(machines.id, machineId), eq(machines.status, 'running')))
    .get()
  if (!machine) return
  tx.update(machines).set({ activeAt: now, idleWarnedAt: null }).where(eq(machines.id, machineId)).run()
  if (machine.idleWarnedAt !== null)
    addMachineEvent(tx, machineId, 'In use again: it isn’t stopped for being idle', now)
}

export interface QuietMachine {
  machineId: string
  activeAt: number
  idleWarnedAt: number | null
  services: ServiceAddress[]
}

/**
 * Running ComfyUI machines that nobody is known to have used since; the quietest first. What a trainer does
 * can't be found out from outside, so trainers are never idle.
 */
export function listQuiet(db: Db, since: number): QuietMachine[] {
  const rows = db
    .select()
    .from(machines)
    .where(
      and(
        eq(machines.status, 'running'),
        // Not by an index of kinds: nearly all machines are of this one, and few run.
        sql`+${machines.kind} = 'comfyui'`,
        or(isNull(machines.activeAt), lte(machines.activeAt, since)),
      ),
    )
    .orderBy(asc(machines.activeAt))
    .all()
  const ids = rows.map(({ id }) => id)
  const services = db.select().from(machineServices).where(inArray(machineServices.machineId, ids)).all()
  return rows.map(({ id, activeAt, updatedAt, idleWarnedAt }) => ({
    machineId: id,
    // One that was started by an earlier version has been active when it was started.
    activeAt: activeAt ?? updatedAt,
    idleWarnedAt,
    services: services.filter(({ machineId }) => machineId === id),
  }))
}

/** The machine as it was looked at, so that whoever used it in between is not overlooked. */
const unchanged = ({ machineId, idleWarnedAt }: QuietMachine, activeSince: number) =>
  and(
    eq(machines.id, machineId),
    eq(machines.status, 'running'),
    or(isNull(machines.activeAt), lte(machines.activeAt, activeSince)),
    idleWarnedAt === null ? isNull(machines.idleWarnedAt) : eq(machines.idleWarnedAt, idleWarnedAt),
  )

/** Announces that the machine will be stopped. */
export function warnOfIdleStop(db: Db, machine: QuietMachine, clock: Clock): void {
  immediately(db, (tx) => {
    const now = clock()
    const warned = tx
      .update(machines)
      .set({ idleWarnedAt: now })
      .where(unchanged(machine, machine.activeAt))
      .returning()
      .get()
    const minutes = IDLE_WARNING_MS / 60_000
    if (warned)
      addMachineEvent(tx, machine.machineId, `Nobody uses it: it is stopped in ${minutes} minutes`, now)
  })
}

/** @returns undefined when somebody has come in between */
export function stopIdle(db: Db, machine: QuietMachine, idleMs: number, clock: Clock): LaunchRef | undefined {
  return immediately(db, (tx) => {
    const found = tx.select().from(machines).where(unchanged(machine, machine.activeAt)).get()
    if (!found) return undefined
    const why = `nobody used it for ${Math.round(idleMs / 60_000)} minutes`
    return stopBecause(tx, found, why, clock)
  })
}
