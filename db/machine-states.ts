import { and, eq, inArray, type SQL } from 'drizzle-orm'
import { addMachineEvent } from './machine-events'
import { endRun } from './machine-runs'
import type { Tx } from './open'
import { type MachineStatus, machines } from './schema'

export type Machine = typeof machines.$inferSelect

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

type Move = Step & ({ to: Exclude<MachineStatus, 'failed'> } | { to: 'failed'; errorClass: string })

interface Step {
  from: readonly MachineStatus[]
  /** What must hold besides: owner, attempt, fence, lease. */
  guard: SQL | undefined
  set?: Partial<Omit<Machine, 'id' | 'status' | 'errorClass' | 'updatedAt'>> | Record<string, SQL>
  /** The line on the timeline. */
  event: string
  now: number
}

/**
 * The only place that sets a status, and why it failed: one guarded update, its line on the timeline, and the end of
 * its run where it ran.
 * @returns the machine after the move, or undefined when the guard no longer held and nothing changed
 */
export function moveMachine(
  tx: Tx,
  id: string,
  { from, guard, set, event, now, ...move }: Move,
): Machine | undefined {
  const { to } = move
  const errorClass = move.to === 'failed' ? move.errorClass : null
  for (const status of from)
    if (!MOVES[status].includes(to)) throw new Error(`A machine never goes from ${status} to ${to}.`)
  const moved = tx
    .update(machines)
    .set({ ...set, status: to, errorClass, updatedAt: now })
    .where(and(eq(machines.id, id), inArray(machines.status, [...from]), guard))
    .returning()
    .get()
  if (!moved) return undefined
  addMachineEvent(tx, id, event, now)
  if (from.includes('running')) endRun(tx, id, now)
  return moved
}
