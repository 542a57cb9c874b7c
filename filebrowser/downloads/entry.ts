import type { DownloadView, RefusalView } from '../contract'
import type { DownloadRecord } from './record'
import { type Course, secondsLeft, speedOf } from './speed'

/** A download of this process: its record, and what only matters while the process lives. */
export interface Entry {
  record: DownloadRecord
  /** The furthest that it has come; only what goes beyond is progress. */
  furthest: number
  course: Course
  /** Absolute path that it writes to, as far as that is known. */
  target?: string
  /** Its transfer, until nothing of it runs any more. */
  run?: Run
  /** Takes back that it begins again by itself. */
  unschedule?: () => void
}

export interface Run {
  controller: AbortController
  /** What it leaves on the disk is not wanted any more. */
  discard: boolean
  /** Another download writes to its target. */
  isTaken: boolean
  /** Never rejects. */
  ended: Promise<void>
}

export const newEntry = (record: DownloadRecord): Entry => ({
  record,
  furthest: record.received,
  course: [],
})

/** @param now milliseconds since the epoch */
export function viewOf({ record, course }: Entry, now: number): DownloadView {
  const { id, state, provider, source, target, content, received, pickle, notices } = record
  const { verified, sha256, waitUntil, queuedAt, startedAt, finishedAt } = record
  const bytesPerSecond = state === 'downloading' ? speedOf(course, now, received) : null
  const size = content?.size ?? null
  return {
    id,
    state,
    provider,
    source,
    name: target?.name ?? record.name ?? record.called,
    folder: target?.folder ?? record.folder,
    received,
    size,
    bytesPerSecond,
    secondsLeft: secondsLeft(size, received, bytesPerSecond),
    verified,
    sha256,
    pickle,
    notices: [...notices],
    waitUntil,
    queuedAt,
    startedAt,
    finishedAt,
    // A code of another version of this program is shown as it is.
    error: record.error as RefusalView | null,
  }
}
