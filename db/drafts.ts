import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from './open'

const DAY_MS = 24 * 60 * 60_000

/** A name that no other run has: locks don't reach from one container into another. */
export const draftIn = (folder: string, prefix: string): string => join(folder, prefix + randomUUID())

/** Removes drafts that nobody has written to for a day, which runs that were killed have left. */
export function removeOldDrafts(folder: string, prefix: string, clock: Clock): void {
  for (const name of readdirSync(folder).filter((one) => one.startsWith(prefix))) {
    const draft = join(folder, name)
    if (clock() - lastChange(draft) > DAY_MS) rmSync(draft, { recursive: true, force: true })
  }
}

/** Of a file, or of a folder and the files in it. */
function lastChange(draft: string): number {
  const stat = statSync(draft, { throwIfNoEntry: false })
  const inside = stat?.isDirectory() ? readdirSync(draft).map((name) => join(draft, name)) : []
  return Math.max(stat?.mtimeMs ?? 0, ...inside.map(lastChange))
}
