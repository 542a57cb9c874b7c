import { and, asc, count, eq, gte, inArray, lt } from 'drizzle-orm'
import { type Clock, type Db, immediately, type Tx } from './open'
import { downloads, machineServices, machines } from './schema'

/** What machines have downloaded, as their file managers told. */

const DAY_MS = 24 * 60 * 60_000
const KEPT_MS = 400 * DAY_MS
/** Of one user; a machine can make up as many as it likes. */
const NOTED_A_DAY_MAX = 2000
/** Of one look; the rest waits for the next. */
const FORGOTTEN_MAX = 500

export type FinishedDownload = Omit<typeof downloads.$inferSelect, 'userId' | 'machineId'>

/** Running machines with a file manager, and where it answers. */
export const listFileManagers = (db: Db): { machineId: string; address: string }[] =>
  db
    .select({ machineId: machines.id, address: machineServices.address })
    .from(machines)
    .innerJoin(
      machineServices,
      and(eq(machineServices.machineId, machines.id), eq(machineServices.name, 'filebrowser')),
    )
    .where(eq(machines.status, 'running'))
    .orderBy(asc(machines.id))
    .all()

/**
 * Writes down those that are not known yet, as long as their day (in UTC) has room. A machine that says the future is
 * taken to mean now.
 */
export function noteDownloads(
  db: Db,
  machineId: string,
  finished: readonly FinishedDownload[],
  clock: Clock,
): void {
  const now = clock()
  const userId = db
    .select({ userId: machines.userId })
    .from(machines)
    .where(eq(machines.id, machineId))
    .get()?.userId
  if (userId === undefined) return
  const ids = finished.map(({ id }) => id)
  const known = db
    .select({ id: downloads.id })
    .from(downloads)
    .where(and(eq(downloads.userId, userId), inArray(downloads.id, ids)))
    .all()
  const isKnown = new Set(known.map(({ id }) => id))
  // What would be forgotten at once is not written down.
  const news = finished.filter(({ id, at }) => !isKnown.has(id) && at >= now - KEPT_MS)
  if (news.length === 0) return
  immediately(db, (tx) => {
    if (!tx.select({ id: machines.id }).from(machines).where(eq(machines.id, machineId)).get()) return
    const noted = new Map<number, number>()
    for (const each of news) {
      const at = Math.min(each.at, now)
      const day = Math.floor(at / DAY_MS)
      const before = noted.get(day) ?? countOn(tx, userId, day)
      if (before < NOTED_A_DAY_MAX)
        tx.insert(downloads)
          .values({ ...each, at, userId, machineId })
          .onConflictDoNothing()
          .run()
      noted.set(day, before + 1)
    }
  })
}

function countOn(tx: Tx, userId: string, day: number): number {
  const { at } = downloads
  const onDay = and(eq(downloads.userId, userId), gte(at, day * DAY_MS), lt(at, (day + 1) * DAY_MS))
  return tx.select({ count: count() }).from(downloads).where(onDay).get()?.count ?? 0
}

/** What is older than anybody asks for. */
export function deleteOldDownloads(db: Db, clock: Clock): void {
  const { userId, id, at } = downloads
  const old = db
    .select({ userId, id })
    .from(downloads)
    .where(lt(at, clock() - KEPT_MS))
    .limit(FORGOTTEN_MAX)
    .all()
  if (old.length === 0) return
  immediately(db, (tx) => {
    for (const each of old)
      tx.delete(downloads)
        .where(and(eq(userId, each.userId), eq(id, each.id)))
        .run()
  })
}
