import type { Clock, Db } from '../db/open'
import { countByStatus, countOpenRequests, queueDepth } from '../db/queue-depth'
import { listWorkers } from '../db/workers'
import type { Instruments } from './instruments'

/**
 * What the database says at each scrape, all of it found by index among what has not ended. The web's alone, so that
 * it isn't counted once for every worker.
 */
export function storedGauges(gauge: Instruments['gauge'], db: Db, clock: Clock): void {
  gauge('slipway_machines', 'Machines that have not ended, by state.', ['state'], (machines) => {
    for (const { status, count } of countByStatus(db)) machines.set({ state: status }, count)
  })
  gauge(
    'slipway_launch_queue',
    'Launches on their way: waiting, delayed until they are tried again, or starting.',
    ['state'],
    (queue) => {
      const depth = queueDepth(db, clock)
      for (const state of ['waiting', 'delayed', 'starting'] as const) queue.set({ state }, depth[state])
    },
  )
  gauge(
    'slipway_launch_queue_oldest_seconds',
    'For how long the launch that waits longest has waited; 0 when none waits.',
    [],
    (oldest) => {
      const { waitingSince } = queueDepth(db, clock)
      oldest.set(waitingSince === null ? 0 : Math.max(0, clock() - waitingSince) / 1000)
    },
  )
  gauge(
    'slipway_model_requests_open',
    'Requests to models that wait or are in progress.',
    ['state'],
    (open) => {
      for (const { status, count } of countOpenRequests(db)) open.set({ state: status }, count)
    },
  )
  gauge(
    'slipway_workers',
    'Workers of the last 24 hours that did not end well, by state: working, silent (alive, yet no jobs come) or gone.',
    ['state'],
    (workers) => {
      const listed = listWorkers(db, clock)
      for (const state of ['working', 'silent', 'gone'] as const)
        workers.set({ state }, listed.filter((worker) => worker.state === state).length)
    },
  )
}
