import * as z from 'zod'
import { createApiToken, listApiTokens, revokeApiToken } from '../../db/api-tokens'
import { nameInput } from './inputs'
import { iso } from './iso'
import { covers, SCOPE_AREAS, SCOPES, type Scope } from './scopes'
import { router, sessionProcedure, userProcedure } from './trpc'

const DAY_MS = 24 * 60 * 60 * 1000
/** What a token can be tried out with, and the scope that it takes. */
const EXAMPLES: [Scope, string][] = [
  ['machines:read', 'machines.list'],
  ['provider-tokens:read', 'providerTokens.list'],
  ['account:read', 'account.me'],
]

export const apiTokensRouter = router({
  /** All of the user's, the newest first; those that no longer open anything stay listed. */
  list: userProcedure.meta({ scope: 'account:read' }).query(({ ctx }) => {
    const now = ctx.clock()
    return listApiTokens(ctx.db, ctx.user.id).map((token) => ({
      id: token.id,
      name: token.name,
      type: token.tokenType,
      /** The program that it was made for; null when it was made on a page. */
      clientId: token.clientId,
      clientName: token.clientId && (ctx.oauth.clientName(token.clientId) ?? token.clientId),
      masked: `${token.visibleStart}…${token.visibleEnd}`,
      scopes: token.scopes.split(' '),
      createdAt: iso(token.createdAt),
      expiresAt: iso(token.expiresAt),
      lastUsedAt: iso(token.lastUsedAt),
      revokedAt: iso(token.revokedAt),
      state:
        token.revokedAt !== null
          ? ('revoked' as const)
          : token.expiresAt !== null && token.expiresAt <= now
            ? ('expired' as const)
            : ('active' as const),
    }))
  }),

  /** What a new token can be for. */
  options: sessionProcedure.query(() => ({
    areas: Object.entries(SCOPE_AREAS).map(([area, label]) => ({ area, label })),
  })),

  /** Makes a token of type `api` and answers it, once. */
  create: sessionProcedure
    .input(
      z.object({
        name: nameInput,
        scopes: z
          .array(z.enum(SCOPES, `must be some of ${SCOPES.join(', ')}`))
          .min(1, 'holds none; choose what the token may do')
          .max(SCOPES.length)
          .transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
        /** Null: never. */
        expiresInDays: z
          .number('must be a number of days, or null for never')
          .int('must be whole days')
          .min(1, 'must be at least a day')
          .max(3650, 'must be at most 3650 days')
          .nullable()
          .default(90),
        /** Any text of the caller's; the same one again is refused instead of making a second token. */
        idempotencyKey: z.string().min(1).max(100).optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      await ctx.limits.take('token_minting', ctx.user.id)
      const { name, scopes, expiresInDays, idempotencyKey } = input
      const expiresAt = expiresInDays === null ? null : ctx.clock() + expiresInDays * DAY_MS
      const token = { userId: ctx.user.id, type: 'api' as const, name, scopes, expiresAt, idempotencyKey }
      const made = createApiToken(ctx.db, token, ctx.by, ctx.clock)
      const [, example] = EXAMPLES.find(([scope]) => covers(scopes, scope)) ?? []
      const exampleUrl = example ? `${ctx.policy.publicUrl}/trpc/${example}` : null
      return { ...made, name, scopes, expiresAt: iso(expiresAt), exampleUrl }
    }),

  /** Ends a token at once and for good. */
  revoke: userProcedure
    .meta({ scope: 'account:write' })
    .input(z.object({ id: z.string().max(64) }))
    .mutation(({ ctx, input }) => {
      revokeApiToken(ctx.db, ctx.user.id, input.id, ctx.by, ctx.clock)
      ctx.afterAnswer(ctx.channels.recheck)
    }),
})
