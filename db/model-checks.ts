import { and, between, desc, eq, inArray, isNull, lte } from 'drizzle-orm'
import type { ModelAccess } from '../providers/model-access'
import type { ModelQuestion } from '../providers/models/question'
import { newId } from './ids'
import { type Clock, type Db, immediately } from './open'
import { modelChecks } from './schema'

/** Questions whether a saved token opens a model, asked by pages and answered by workers. */

const KEPT_PER_USER = 20

export interface ModelCheck {
  id: string
  userId: string
  question: ModelQuestion
}

/** Writes a question down and forgets the user's oldest. @returns its id */
export function requestModelCheck(db: Db, userId: string, question: ModelQuestion, clock: Clock): string {
  return immediately(db, (tx) => {
    const id = newId()
    const { provider } = question
    tx.insert(modelChecks).values({ id, userId, provider, source: question, requestedAt: clock() }).run()
    const old = tx
      .select({ id: modelChecks.id })
      .from(modelChecks)
      .where(eq(modelChecks.userId, userId))
      .orderBy(desc(modelChecks.requestedAt), desc(modelChecks.id))
      .all()
      .slice(KEPT_PER_USER)
      .map((row) => row.id)
      .filter((each) => each !== id)
    tx.delete(modelChecks).where(inArray(modelChecks.id, old)).run()
    return id
  })
}

/**
 * Takes on a question, so that no other worker asks as well.
 * @param holdMs until another may, should this worker not come back
 * @returns undefined when it was answered or forgotten, or somebody is at it
 */
export function claimModelCheck(db: Db, id: string, holdMs: number, clock: Clock): ModelCheck | undefined {
  const now = clock()
  const row = db
    .update(modelChecks)
    .set({ claimedUntil: now + holdMs })
    .where(and(eq(modelChecks.id, id), isFree(now)))
    .returning()
    .get()
  return row && { id, userId: row.userId, question: row.source }
}

const isFree = (now: number) => and(isNull(modelChecks.finishedAt), lte(modelChecks.claimedUntil, now))

/** Questions of that time that nobody has answered or is at. */
export const listOpenModelChecks = (
  db: Db,
  { from, to, limit }: { from: number; to: number; limit: number },
  clock: Clock,
): string[] =>
  db
    .select({ id: modelChecks.id })
    .from(modelChecks)
    .where(and(isFree(clock()), between(modelChecks.requestedAt, from, to)))
    .limit(limit)
    .all()
    .map(({ id }) => id)

/** The first answer stays. */
export function answerModelCheck(db: Db, id: string, result: ModelAccess, clock: Clock): void {
  db.update(modelChecks)
    .set({ result, finishedAt: clock() })
    .where(and(eq(modelChecks.id, id), isNull(modelChecks.finishedAt)))
    .run()
}

/** The answer to a question of the user's, `undefined` while there is none. */
export const modelCheckResult = (db: Db, userId: string, id: string): ModelAccess | undefined =>
  db
    .select({ result: modelChecks.result })
    .from(modelChecks)
    .where(and(eq(modelChecks.id, id), eq(modelChecks.userId, userId)))
    .get()?.result ?? undefined
