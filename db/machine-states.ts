import { and, eq, inArray, type SQL } from 'drizzle-orm'
import { addMachineEvent } from './machine-events'
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

interface Move {
  from: readonly MachineStatus[]
  to: MachineStatus
  /** What must hold besides: owner, attempt, fence, lease. */
  guard: SQL | undefined
  set?: Partial<Omit<Machine, 'id' | 'status' | 'updatedAt'>> | Record<string, SQL>
  /** The line on the timeline. */
  event: string
  now: number
}

/**
 * The only place that sets a status: one guarded update and its line on the timeline.
 * @returns the machine after the move, or undefined when the guard no longer held and nothing changed
 */
export function moveMachine(
  tx: Tx,
  id: string,
  { from, to, guard, set, event, now }: Move,
): Machine | undefined {
  for (const status of from)
    if (!MOVES[status].includes(to)) throw new Error(`A machine never goes from ${status} to ${to}.`)
  const moved = tx
    .update(machines)
    .set({ ...set, status: to, updatedAt: now })
    .where(and(eq(machines.id, id), inArray(machines.status, [...from]), guard))
    .returning()
    .get()
  if (moved) addMachineEvent(tx, id, event, now)
  return moved
}
