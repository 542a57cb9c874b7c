import { and, asc, eq, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { type Clock, type Db, immediately, type Reader, type Tx } from './open'
import { prepared } from './prepared'
import { cloudSaves, diskUsage, machines, modelRequests, users } from './schema'

/** Bytes on disk. */
export interface DiskUsage {
  workspaces: number
  models: number
  saves: number
  /** Files that came out of models. */
  results: number
}

export const totalOf = ({ workspaces, models, saves, results }: DiskUsage) =>
  workspaces + models + saves + results

const usageOf = prepared((db) =>
  db
    .select()
    .from(diskUsage)
    .where(eq(diskUsage.userId, sql.placeholder('userId')))
    .prepare(),
)

/** @returns undefined while it was never measured */
export function findDiskUsage(db: Reader, userId: string): (DiskUsage & { measuredAt: number }) | undefined {
  const row = usageOf(db).get({ userId })
  if (!row || row.measuredAt === null) return undefined
  const { workspaces, models, saves, results, measuredAt } = row
  return { workspaces, models, saves, results, measuredAt }
}

/** What everybody's files took when each was last measured. */
export const sumDiskUsage = (db: Db): DiskUsage =>
  db
    .select({
      workspaces: sum(diskUsage.workspaces),
      models: sum(diskUsage.models),
      saves: sum(diskUsage.saves),
      results: sum(diskUsage.results),
    })
    .from(diskUsage)
    .get() ?? { workspaces: 0, models: 0, saves: 0, results: 0 }

const sum = (column: SQLiteColumn) => sql<number>`coalesce(sum(${column}), 0)`

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

/** Whether anything ran, ended, was saved or came out of a model since the last claim, however long ago that is. */
function mayHaveChanged(everyMs: number): SQL | undefined {
  const claimedAt = sql`${diskUsage.dueAt} - ${everyMs}`
  return or(
    eq(diskUsage.dueAt, 0),
    isNull(diskUsage.measuredAt),
    // Asked once for everybody, as few are live,
    sql`${users.id} in (select ${machines.userId} from ${machines} where ${machines.status} in ('starting', 'running', 'stopping'))`,
    // and this of one user at a time.
    sql`exists (select 1 from ${machines} where ${machines.userId} = ${users.id} and ${machines.updatedAt} >= ${claimedAt})`,
    sql`exists (select 1 from ${cloudSaves} where ${cloudSaves.userId} = ${users.id} and ${cloudSaves.endedAt} >= ${claimedAt})`,
    sql`exists (select 1 from ${modelRequests} where ${modelRequests.userId} = ${users.id} and ${modelRequests.endedAt} >= ${claimedAt})`,
  )
}

export function recordDiskUsage(db: Db, userId: string, usage: DiskUsage, clock: Clock): void {
  db.update(diskUsage)
    .set({ ...usage, measuredAt: clock() })
    .where(eq(diskUsage.userId, userId))
    .run()
}
