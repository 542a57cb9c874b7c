import { and, desc, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { AppError, notFound } from '../errors'
import { mintApiToken, visibleParts } from './api-token-format'
import { type Actor, record } from './audit'
import { newId } from './ids'
import { type Clock, type Db, ifPossible, immediately, type Tx } from './open'
import { prepared } from './prepared'
import { type TokenType, users, userTokens } from './schema'
import { hashSecret } from './secrets'
import { assertStillHere, type User, userColumns } from './users'

/** A use is written down at most this often. */
const USED_EVERY_MS = 60 * 1000

export interface NewApiToken {
  userId: string
  type: TokenType
  /** The OAuth client that it is for. */
  clientId?: string
  name: string
  scopes: readonly string[]
  /** Milliseconds since 1970; null: never. */
  expiresAt: number | null
  /** The same one again is refused: what it made can't be shown a second time. */
  idempotencyKey?: string | undefined
}

/**
 * @returns the token itself, which nobody can show again
 * @throws AppError `conflict` when the idempotency key has made one before; `signed_out` when the account was
 * shut meanwhile
 */
export const createApiToken = (
  db: Db,
  given: NewApiToken,
  by: Actor,
  clock: Clock,
): { id: string; token: string } => immediately(db, (tx) => insertApiToken(tx, given, by, clock))

/** The same inside a transaction. */
export function insertApiToken(
  tx: Tx,
  { userId, type, clientId, name, scopes, expiresAt, idempotencyKey }: NewApiToken,
  by: Actor,
  clock: Clock,
): { id: string; token: string } {
  const token = mintApiToken(type)
  const id = newId()
  assertStillHere(tx, userId)
  if (idempotencyKey && wasMade(tx, userId, idempotencyKey))
    throw new AppError(
      'conflict',
      'This form has made its token already, and it was shown once. If you did not keep it, revoke it and make another.',
    )
  tx.insert(userTokens)
    .values({
      id,
      userId,
      tokenType: type,
      clientId,
      name,
      secretHash: hashSecret('api-token', token),
      ...visibleParts(token),
      scopes: scopes.join(' '),
      createdAt: clock(),
      expiresAt,
      idempotencyKey,
    })
    .run()
  const end =
    expiresAt === null ? 'never expires' : `expires ${new Date(expiresAt).toISOString().slice(0, 10)}`
  record(tx, { action: 'api_token_created', by, target: name, detail: `${scopes.join(', ')}; ${end}` }, clock)
  return { id, token }
}

const wasMade = (tx: Tx, userId: string, key: string): boolean =>
  tx
    .select({ id: userTokens.id })
    .from(userTokens)
    .where(and(eq(userTokens.userId, userId), eq(userTokens.idempotencyKey, key)))
    .get() !== undefined

export type ListedApiToken = Omit<typeof userTokens.$inferSelect, 'userId' | 'secretHash' | 'idempotencyKey'>

const tokensOf = prepared((db) =>
  db
    .select()
    .from(userTokens)
    .where(eq(userTokens.userId, sql.placeholder('userId')))
    .orderBy(desc(userTokens.createdAt), desc(userTokens.id))
    .prepare(),
)

/** All of the user's, the newest first, with those that no longer open anything. */
export function listApiTokens(db: Db, userId: string): ListedApiToken[] {
  return tokensOf(db)
    .all({ userId })
    .map(({ userId, secretHash, idempotencyKey, ...token }) => token)
}

/** Ends a token for good; doing it again changes nothing. @throws AppError `not_found` */
export function revokeApiToken(db: Db, userId: string, id: string, by: Actor, clock: Clock): void {
  immediately(db, (tx) => {
    const mine = and(eq(userTokens.id, id), eq(userTokens.userId, userId))
    const token = tx.select().from(userTokens).where(mine).get()
    if (!token) throw notFound('API token')
    if (token.revokedAt !== null) return
    tx.update(userTokens).set({ revokedAt: clock() }).where(mine).run()
    record(tx, { action: 'api_token_revoked', by, target: token.name }, clock)
  })
}

/** What a token gives to whoever sends it. */
export interface ApiTokenGrant {
  id: string
  type: TokenType
  name: string
  user: User
  scopes: readonly string[]
  /** The OAuth client that it was made for. */
  clientId: string | null
  createdAt: number
  /** Null: never. */
  expiresAt: number | null
}

/**
 * @param token one that is whole; see isWholeApiToken
 * @returns undefined when it is unknown, revoked or expired, or its account was shut
 */
export function findApiToken(db: Db, token: string, clock: Clock): ApiTokenGrant | undefined {
  const now = clock()
  const row = db
    .select({
      id: userTokens.id,
      type: userTokens.tokenType,
      name: userTokens.name,
      scopes: userTokens.scopes,
      clientId: userTokens.clientId,
      createdAt: userTokens.createdAt,
      expiresAt: userTokens.expiresAt,
      lastUsedAt: userTokens.lastUsedAt,
      user: userColumns,
    })
    .from(userTokens)
    .innerJoin(users, eq(users.id, userTokens.userId))
    .where(
      and(
        eq(userTokens.secretHash, hashSecret('api-token', token)),
        isNull(userTokens.revokedAt),
        or(isNull(userTokens.expiresAt), gt(userTokens.expiresAt, now)),
        isNull(users.disabledAt),
      ),
    )
    .get()
  if (!row) return undefined
  const { lastUsedAt, ...grant } = row
  if (lastUsedAt === null || lastUsedAt < now - USED_EVERY_MS)
    ifPossible(() => db.update(userTokens).set({ lastUsedAt: now }).where(eq(userTokens.id, row.id)).run())
  return { ...grant, scopes: grant.scopes.split(' ') }
}
