import { and, asc, eq, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { type Clock, type Db, immediately, type Tx } from './open'
import { cloudSaves, diskUsage, machines, users } from './schema'

/** Bytes on disk. */
export interface DiskUsage {
  workspaces: number
  models: number
  saves: number
}

export const totalOf = ({ workspaces, models, saves }: DiskUsage) => workspaces + models + saves

/** @returns undefined while it was never measured */
export function findDiskUsage(db: Db | Tx, userId: string): (DiskUsage & { measuredAt: number }) | undefined {
  const row = db.select().from(diskUsage).where(eq(diskUsage.userId, userId)).get()
  if (!row || row.measuredAt === null) return undefined
  const { workspaces, models, saves, measuredAt } = row
  return { workspaces, models, saves, measuredAt }
}

/** Has the user's files measured soon: some of them went. */
export function measureSoon(db: Db | Tx, userId: string): void {
  db.update(diskUsage).set({ dueAt: 0 }).where(eq(diskUsage.userId, userId)).run()
}

/**
 * Takes the user whose files were measured longest ago and may have changed since, so that no other worker
 * measures them as well.
 * @returns whose, and in which workspaces they lie
 */
export function claimDiskMeasure(
  db: Db,
  { everyMs, clock }: { everyMs: number; clock: Clock },
): { userId: string; workspaceIds: string[] } | undefined {
  return immediately(db, (tx) => {
    const now = clock()
    const due = tx
      .select({ userId: users.id })
      .from(users)
      .leftJoin(diskUsage, eq(diskUsage.userId, users.id))
      .where(or(isNull(diskUsage.userId), and(lte(diskUsage.dueAt, now), mayHaveChanged(everyMs))))
      .orderBy(asc(diskUsage.dueAt))
      .limit(1)
      .get()
    if (!due) return undefined
    const dueAt = now + everyMs
    tx.insert(diskUsage)
      .values({ ...due, dueAt })
      .onConflictDoUpdate({ target: diskUsage.userId, set: { dueAt } })
      .run()
    const workspaces = tx
      .selectDistinct({ id: machines.workspaceId })
      .from(machines)
      .where(eq(machines.userId, due.userId))
      .all()
    return { ...due, workspaceIds: workspaces.map(({ id }) => id) }
  })
}

/** Whether anything ran, ended or was saved since the last claim, however long ago that is. */
function mayHaveChanged(everyMs: number): SQL | undefined {
  const claimedAt = sql`${diskUsage.dueAt} - ${everyMs}`
  return or(
    eq(diskUsage.dueAt, 0),
    isNull(diskUsage.measuredAt),
    sql`exists (select 1 from ${machines} where ${machines.userId} = ${users.id} and (${machines.status} in ('starting', 'running', 'stopping') or ${machines.updatedAt} >= ${claimedAt}))`,
    sql`exists (select 1 from ${cloudSaves} where ${cloudSaves.userId} = ${users.id} and ${cloudSaves.endedAt} >= ${claimedAt})`,
  )
}

export function recordDiskUsage(db: Db, userId: string, usage: DiskUsage, clock: Clock): void {
  db.update(diskUsage)
    .set({ ...usage, measuredAt: clock() })
    .where(eq(diskUsage.userId, userId))
    .run()
}
