import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { addMachineEvent } from './machine-events'
import { endRun } from './machine-runs'
import type { Db, Reader, Tx } from './open'
import { prepared } from './prepared'
import { type MachineStatus, machines } from './schema'

export type Machine = typeof machines.$inferSelect

const machineById = prepared((db) =>
  db
    .select()
    .from(machines)
    .where(eq(machines.id, sql.placeholder('id')))
    .prepare(),
)

/** The machine as a worker needs it, whoever it belongs to. */
export const findMachine = (db: Reader, id: string): Machine | undefined => machineById(db).get({ id })

/** Every move that a machine's status may make. Ends: `stopped`, and `failed` until it is retried. */
const MOVES: Record<MachineStatus, readonly MachineStatus[]> = {
  queued: ['starting', 'stopped', 'failed'],
  // To itself: another worker takes over after the lease ran out.
  starting: ['starting', 'running', 'queued', 'failed', 'stopping'],
  running: ['stopping', 'failed'],
  stopping: ['stopped'],
  stopped: [],
  failed: ['queued'],
}

export const LIVE_STATUSES = ['queued', 'starting', 'running', 'stopping'] as const satisfies MachineStatus[]

interface Step {
  from: readonly MachineStatus[]
  /** What must hold besides: owner, attempt, fence, lease. */
  guard: SQL | undefined
  set?: Partial<Omit<Machine, 'id' | 'status' | 'errorClass' | 'updatedAt'>> | Record<string, SQL>
}
type Target = { to: Exclude<MachineStatus, 'failed'> } | { to: 'failed'; errorClass: string }

interface Line {
  /** The line on the timeline. */
  event: string
  now: number
}

/**
 * With `preparedMove` the only place that sets a status, and why it failed: one guarded update, its line on the
 * timeline, and the end of its run where it ran.
 * @returns the machine after the move, or undefined when the guard no longer held and nothing changed
 */
export function moveMachine(
  tx: Tx,
  id: string,
  { event, now, ...move }: Step & Target & Line,
): Machine | undefined {
  return moved(tx, guardedUpdate(tx, move).get({ id, now }), move.from, { event, now })
}

/**
 * The same move again and again, compiled once.
 * @param build what moves where, with `sql.placeholder` where values change: `id` and `now` are always given
 */
export function preparedMove(build: (db: Db) => Step & Target) {
  const update = prepared((db) => {
    const move = build(db)
    return { query: guardedUpdate(db, move), from: move.from }
  })
  return (tx: Tx, id: string, { event, now, ...values }: Line & Record<string, unknown>) => {
    const { query, from } = update(tx)
    return moved(tx, query.get({ ...values, id, now }), from, { event, now })
  }
}

function guardedUpdate(db: Db | Tx, { from, guard, set, ...target }: Step & Target) {
  const { to } = target
  const errorClass = target.to === 'failed' ? target.errorClass : null
  for (const status of from)
    if (!MOVES[status].includes(to)) throw new Error(`A machine never goes from ${status} to ${to}.`)
  return db
    .update(machines)
    .set({ ...set, status: to, errorClass, updatedAt: sql`${sql.placeholder('now')}` })
    .where(and(eq(machines.id, sql.placeholder('id')), inArray(machines.status, [...from]), guard))
    .returning()
    .prepare()
}

function moved(tx: Tx, machine: Machine | undefined, from: Step['from'], { event, now }: Line) {
  if (!machine) return undefined
  addMachineEvent(tx, machine.id, event, now)
  if (from.includes('running')) endRun(tx, machine.id, now)
  return machine
}
