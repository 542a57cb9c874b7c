import { and, eq, isNull } from 'drizzle-orm'
import type { ModelRequest } from './model-request-states'
import { requestsAhead } from './model-requests'
import type { Reader } from './open'
import { machines } from './schema'

export interface QueueState {
  /** That it waits for, runs or ran on; null while there is none, and once that was deleted. */
  machineId: string | null
  /** How many of the caller's requests come first; null unless it is in the queue. */
  queuePosition: number | null
  /** In a sentence; null unless it is in the queue. */
  waitsFor: string | null
}

/** Where a request stands, and what one waits for that has not begun. */
export function findQueueState(db: Reader, request: ModelRequest): QueueState {
  const machine = request.machineId ? findShown(db, request.machineId) : undefined
  const machineId = machine?.id ?? null
  if (request.status !== 'in_queue') return { machineId, queuePosition: null, waitsFor: null }
  const queuePosition = requestsAhead(db, request)
  if (machine && (machine.status === 'queued' || machine.status === 'starting'))
    return { machineId, queuePosition, waitsFor: `The machine ${machine.name} is starting.` }
  if (queuePosition) return { machineId, queuePosition, waitsFor: 'Waiting for its turn.' }
  const wasTried = request.notBefore > 0 && request.machineId === null
  return {
    machineId,
    queuePosition,
    waitsFor: wasTried ? 'The last try did not succeed; trying again soon.' : 'Waiting for a machine.',
  }
}

const findShown = (db: Reader, id: string) =>
  db
    .select({ id: machines.id, name: machines.name, status: machines.status })
    .from(machines)
    .where(and(eq(machines.id, id), isNull(machines.deletedAt)))
    .get()
