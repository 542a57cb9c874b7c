import { and, asc, eq, inArray, lte, type SQL, sql } from 'drizzle-orm'
import { formatBytes } from '../format-bytes'
import { PROVIDERS, type ProviderId } from '../providers/registry'
import { record, WORKER } from './audit'
import type { CloudSave } from './cloud-saves'
import type { LaunchFailure } from './launch-attempts'
import { addMachineEvent } from './machine-events'
import { type Clock, type Db, immediately, type Tx } from './open'
import { cloudSaves, machines } from './schema'
import { findSubject } from './users'

/** What workers write of cloud saves, whoever they belong to. */

/** A claim that holds on one save; see that of machines. */
export interface SaveClaim {
  id: string
  fence: number
}

type SaveStatus = CloudSave['status']

/** Every move that a save's status may make. */
const MOVES: Record<SaveStatus, readonly SaveStatus[]> = {
  // To itself: another worker takes over after the lease ran out.
  queued: ['saving'],
  saving: ['saving', 'queued', 'saved', 'failed'],
  saved: [],
  failed: [],
}

interface Move {
  from: readonly SaveStatus[]
  to: SaveStatus
  guard: SQL | undefined
  set: Partial<Omit<CloudSave, 'id' | 'status'>> | Record<string, SQL | number | null>
}

/** The only place that sets a save's status. @returns undefined when the guard no longer held */
function moveSave(tx: Db | Tx, id: string, { from, to, guard, set }: Move): CloudSave | undefined {
  for (const status of from)
    if (!MOVES[status].includes(to)) throw new Error(`A save never goes from ${status} to ${to}.`)
  return tx
    .update(cloudSaves)
    .set({ ...set, status: to })
    .where(and(eq(cloudSaves.id, id), inArray(cloudSaves.status, [...from]), guard))
    .returning()
    .get()
}

/** Takes on a save, from its beginning. @returns undefined when it is done, forgotten, or somebody else's */
export function claimSave(
  db: Db,
  id: string,
  { leaseMs, clock }: { leaseMs: number; clock: Clock },
): { claim: SaveClaim; save: CloudSave } | undefined {
  const now = clock()
  const save = moveSave(db, id, {
    from: ['queued', 'saving'],
    to: 'saving',
    guard: lte(cloudSaves.leaseUntil, now),
    set: {
      fence: sql`${cloudSaves.fence} + 1`,
      tries: sql`${cloudSaves.tries} + 1`,
      leaseUntil: now + leaseMs,
      bytesDone: 0,
      bytesTotal: 0,
    },
  })
  return save && { claim: { id, fence: save.fence }, save }
}

const isMine = ({ id, fence }: SaveClaim) =>
  and(eq(cloudSaves.id, id), eq(cloudSaves.fence, fence), eq(cloudSaves.status, 'saving'))

/** Renews the lease and says how far it is. @returns false when the save was deleted, or the claim is lost */
export function renewSave(
  db: Db,
  claim: SaveClaim,
  { bytesDone, bytesTotal }: Pick<CloudSave, 'bytesDone' | 'bytesTotal'>,
  { leaseMs, clock }: { leaseMs: number; clock: Clock },
): boolean {
  const { changes } = db
    .update(cloudSaves)
    .set({ leaseUntil: clock() + leaseMs, bytesDone, bytesTotal })
    .where(isMine(claim))
    .run()
  return changes > 0
}

/** Writes down that the user's tokens were opened, to look for them in what is saved. */
export function recordTokensOpened(
  db: Db,
  { userId, name, id }: CloudSave,
  providers: readonly ProviderId[],
  clock: Clock,
): void {
  const subject = findSubject(db, userId)
  const detail = `To keep it out of the cloud save ${name} (${id})`
  for (const provider of providers) {
    const target = PROVIDERS[provider].label
    record(db, { action: 'provider_token_opened', by: WORKER, subject, target, detail }, clock)
  }
}

export interface SavedArchive extends Pick<CloudSave, 'notes' | 'bytesTotal'> {
  /** Of the archive. */
  bytes: number
  sha256: string
}

export function markSaved(db: Db, { id, fence }: SaveClaim, archive: SavedArchive, clock: Clock): boolean {
  return immediately(db, (tx) => {
    const now = clock()
    const set = { ...archive, bytesDone: archive.bytesTotal, leaseUntil: 0, endedAt: now }
    const save = moveSave(tx, id, { from: ['saving'], to: 'saved', guard: eq(cloudSaves.fence, fence), set })
    if (save)
      tellMachine(tx, save, `Saved the workspace as “${save.name}”, ${formatBytes(archive.bytes)}`, now)
    return Boolean(save)
  })
}

export function markSaveFailed(
  db: Db,
  { id, fence }: SaveClaim,
  failure: LaunchFailure,
  clock: Clock,
): boolean {
  return immediately(db, (tx) => {
    const now = clock()
    const set = {
      errorClass: failure.errorClass,
      errorMessage: failure.message,
      errorDetail: failure.detail,
      leaseUntil: 0,
      endedAt: now,
    }
    const save = moveSave(tx, id, { from: ['saving'], to: 'failed', guard: eq(cloudSaves.fence, fence), set })
    if (save) tellMachine(tx, save, `“${save.name}” was not saved. ${failure.message}`, now)
    return Boolean(save)
  })
}

/** Back to the queue after a failure that may pass, not to be claimed before the given time. */
export const markSaveWaiting = (db: Db, { id, fence }: SaveClaim, notBefore: number): boolean =>
  Boolean(
    moveSave(db, id, {
      from: ['saving'],
      to: 'queued',
      guard: eq(cloudSaves.fence, fence),
      set: { leaseUntil: notBefore },
    }),
  )

/** Gives the save back unfinished, for any worker to take at once; it doesn't count as a try. */
export const releaseSave = (db: Db, { id, fence }: SaveClaim): boolean =>
  Boolean(
    moveSave(db, id, {
      from: ['saving'],
      to: 'queued',
      guard: eq(cloudSaves.fence, fence),
      set: { leaseUntil: 0, tries: sql`${cloudSaves.tries} - 1` },
    }),
  )

/** On the timeline of the machine that it is of, unless that is forgotten by now. */
function tellMachine(tx: Tx, { machineId }: CloudSave, text: string, now: number): void {
  const machine = tx.select({ id: machines.id }).from(machines).where(eq(machines.id, machineId)).get()
  if (machine) addMachineEvent(tx, machineId, text, now)
}

/** Saves that wait for a worker: nobody holds them. The oldest first. */
export const listDueSaves = (db: Db, now: number, limit: number): string[] =>
  db
    .select({ id: cloudSaves.id })
    .from(cloudSaves)
    .where(and(inArray(cloudSaves.status, ['queued', 'saving']), lte(cloudSaves.leaseUntil, now)))
    .orderBy(asc(cloudSaves.createdAt))
    .limit(limit)
    .all()
    .map(({ id }) => id)

/** The save as a worker needs it, whoever it belongs to. */
export const findSave = (db: Db, id: string): CloudSave | undefined =>
  db.select().from(cloudSaves).where(eq(cloudSaves.id, id)).get()

/** What says which of a user's files are needed, by the ids of the saves. */
export function listSaveFences(db: Db, userId: string): Map<string, Pick<CloudSave, 'status' | 'fence'>> {
  const rows = db
    .select({ id: cloudSaves.id, status: cloudSaves.status, fence: cloudSaves.fence })
    .from(cloudSaves)
    .where(eq(cloudSaves.userId, userId))
    .all()
  return new Map(rows.map(({ id, ...row }) => [id, row]))
}

/** Whether a machine that is on its way works in this workspace. */
export const isWorkspaceStarting = (db: Db, workspaceId: string): boolean =>
  db
    .select({ id: machines.id })
    .from(machines)
    .where(and(eq(machines.workspaceId, workspaceId), inArray(machines.status, ['queued', 'starting'])))
    .get() !== undefined
