import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Machine } from './machine-states'
import type { Reader, Tx } from './open'
import { placeholders, prepared } from './prepared'
import { machineRuns } from './schema'

/** When machines ran, how long, and on how many GPUs: what charts and bills are made of. */

const insertRun = prepared((db) =>
  db
    .insert(machineRuns)
    .values(
      placeholders(
        'machineId',
        'attempt',
        'userId',
        'machineName',
        'kind',
        'size',
        'gpus',
        'requestedAt',
        'startedAt',
      ),
    )
    // No attempt runs twice, unless somebody changed its machine by hand; that is no reason to fail a launch.
    .onConflictDoUpdate({ target: [machineRuns.machineId, machineRuns.attempt], set: { endedAt: null } })
    .prepare(),
)

/** In the transaction that has the machine running. @param requestedAt when its attempt was asked for */
export function beginRun(
  tx: Tx,
  { id, attempt, userId, name, kind, size }: Machine,
  { gpus, requestedAt, now }: { gpus: number; requestedAt: number; now: number },
): void {
  const whose = { machineId: id, attempt, userId, machineName: name, kind, size }
  insertRun(tx).run({ ...whose, gpus, requestedAt, startedAt: now })
}

/** In the transaction after which the machine runs no longer; fine when no run of it was under way. */
export function endRun(tx: Tx, machineId: string, now: number): void {
  endRuns(tx, eq(machineRuns.machineId, machineId), now)
}

/** Of all machines, whoever they belong to. */
export const endEveryRun = (tx: Tx, now: number): void => endRuns(tx, undefined, now)

/** A clock that was set back makes no run shorter than nothing. */
function endRuns(tx: Tx, of: ReturnType<typeof eq> | undefined, now: number): void {
  tx.update(machineRuns)
    .set({ endedAt: sql`max(${machineRuns.startedAt}, ${now})` })
    .where(and(of, isNull(machineRuns.endedAt)))
    .run()
}

export interface RunTime {
  /** Milliseconds that it ran in all. */
  ms: number
  /** The same times its GPUs. */
  gpuMs: number
}

/** How long each machine has run up to now, over all its attempts. One that never ran has no entry. */
export function runTimes(db: Reader, machineIds: readonly string[], now: number): Map<string, RunTime> {
  const ms = sql`max(0, coalesce(${machineRuns.endedAt}, ${now}) - ${machineRuns.startedAt})`
  const rows = db
    .select({
      id: machineRuns.machineId,
      ms: sql<number>`sum(${ms})`,
      gpuMs: sql<number>`sum(${ms} * ${machineRuns.gpus})`,
    })
    .from(machineRuns)
    .where(inArray(machineRuns.machineId, [...machineIds]))
    .groupBy(machineRuns.machineId)
    .all()
  return new Map(rows.map(({ id, ...time }) => [id, time]))
}

/** Of a machine that has not run yet nothing. */
export const runTimeOf = (db: Reader, machineId: string, now: number): RunTime =>
  runTimes(db, [machineId], now).get(machineId) ?? { ms: 0, gpuMs: 0 }
