import { and, asc, eq, gte } from 'drizzle-orm'
import { type Milestone, milestoneOf } from '../launch-events'
import { findAttempt } from './launch-attempts'
import type { Reader } from './open'
import { machineEvents } from './schema'

/** More lines than a launch writes, however long it pulls an image. */
const LINES_MAX = 1000

/** How far the present attempt to launch a machine is, as its timeline tells. */
export interface LaunchProgress {
  /** When somebody asked for it. */
  askedAt: number
  /** When the attempt ended; null while it lasts or the machine runs. */
  endedAt: number | null
  /** What its last try has reached, and when. */
  reached: ReadonlyMap<Milestone, number>
}

/** @returns undefined for a machine without that attempt */
export function launchProgress(
  db: Reader,
  ref: { machineId: string; attempt: number },
): LaunchProgress | undefined {
  const attempt = findAttempt(db, ref)
  if (!attempt) return undefined
  const lines = db
    .select({ at: machineEvents.at, text: machineEvents.text })
    .from(machineEvents)
    .where(and(eq(machineEvents.machineId, ref.machineId), gte(machineEvents.at, attempt.startedAt)))
    .orderBy(asc(machineEvents.id))
    .limit(LINES_MAX)
    .all()
  const reached = new Map<Milestone, number>()
  for (const { at, text } of lines) {
    const milestone = milestoneOf(text)
    if (!milestone || (reached.has('running') && milestone !== 'queued')) continue
    // Whoever goes back begins anew.
    if (milestone === 'queued') reached.clear()
    if (milestone === 'starting') {
      const queuedAt = reached.get('queued') ?? attempt.startedAt
      reached.clear()
      reached.set('queued', queuedAt)
    }
    if (!reached.has(milestone)) reached.set(milestone, at)
  }
  return { askedAt: attempt.startedAt, endedAt: attempt.endedAt, reached }
}
