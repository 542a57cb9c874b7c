import * as z from 'zod'
import { type ApiTokenGrant, revokeApiToken } from '../../db/api-tokens'
import type { Actor } from '../../db/audit'
import { AppError } from '../../errors'
import { networkOf } from '../server/network-of'
import { readApiToken } from '../server/request-context'
import type { Context } from './context'
import { iso } from './iso'
import { assertKnownClient } from './oauth-client'
import { isForAdmins, SCOPES } from './scopes'
import { publicProcedure, router } from './trpc'

const token = z.string()

/** What the token gives now, if anything. */
function grantOf(ctx: Context, text: string): ApiTokenGrant | undefined {
  const read = readApiToken(ctx, text)
  return read && 'grant' in read ? read.grant : undefined
}

const countWrongToken = ({ limits, from }: Context) =>
  limits.take('wrong_api_tokens', networkOf(from.address))

/**
 * A resource server may ask about every token, and whoever sends an API token about those of the same user.
 * @returns whether the one who asks is told about a token
 */
async function mayBeTold(ctx: Context, resourceServer: { id: string; secret: string } | undefined) {
  if (resourceServer && ctx.oauth.isResourceServer(resourceServer)) return () => true
  const { apiToken } = ctx
  if (!resourceServer && apiToken && 'grant' in apiToken)
    return ({ user }: ApiTokenGrant) => user.id === apiToken.grant.user.id
  await countWrongToken(ctx)
  throw new AppError(
    'signed_out',
    resourceServer
      ? 'No resource server has these credentials; OAUTH_RESOURCE_SERVERS names them.'
      : 'Only a resource server, or an API token of the same user, may ask about a token.',
  )
}

export const oauthRouter = router({
  /** What programs need to know before they begin. */
  server: publicProcedure.query(({ ctx }) => ({
    issuer: ctx.policy.publicUrl,
    scopes: SCOPES,
    hasResourceServers: ctx.oauth.hasResourceServers,
  })),

  /** Ends a token that was made for this client, at once and for good; what is none is as good as ended. */
  revoke: publicProcedure
    .input(z.object({ token, clientId: z.string().max(100) }))
    .mutation(async ({ ctx, input }) => {
      assertKnownClient(ctx, input.clientId)
      const grant = grantOf(ctx, input.token)
      if (!grant) return countWrongToken(ctx)
      const { id, user, name, clientId } = grant
      if (clientId !== input.clientId)
        throw new AppError(
          'forbidden',
          'This token was not made for this client. Its owner revokes it on the profile.',
        )
      const { address } = ctx.from
      const by: Actor = { kind: 'api-token', id: user.id, name: user.name, token: name, address }
      revokeApiToken(ctx.db, user.id, id, by, ctx.clock)
      ctx.afterAnswer(ctx.channels.recheck)
    }),

  /** What a token is good for; null when it opens nothing, or is no business of whoever asks. */
  introspect: publicProcedure
    .input(z.object({ token, resourceServer: z.object({ id: z.string(), secret: z.string() }).optional() }))
    .mutation(async ({ ctx, input }) => {
      const isTold = await mayBeTold(ctx, input.resourceServer)
      const grant = grantOf(ctx, input.token)
      // A resource server passes on what others send it, and isn't to be shut out by them.
      if (!grant && !input.resourceServer) await countWrongToken(ctx)
      if (!grant || !isTold(grant)) return null
      const { user, scopes, clientId, createdAt, expiresAt } = grant
      return {
        user: { id: user.id, name: user.email ?? user.name },
        // Whoever was an administrator once has nothing left of these.
        scopes: scopes.filter((scope) => user.role === 'admin' || !isForAdmins([scope])),
        clientId,
        createdAt: iso(createdAt),
        expiresAt: iso(expiresAt),
      }
    }),
})
