import { z } from 'zod'
import { clearProviderToken, listProviderTokens, saveProviderToken } from '../../db/provider-tokens'
import { PROVIDER_IDS, PROVIDERS } from '../../providers/registry'
import { mask } from '../../providers/token-format'
import { router, userProcedure } from './trpc'

const provider = z.enum(PROVIDER_IDS, `must be one of ${PROVIDER_IDS.join(', ')}`)

export const providerTokensRouter = router({
  /** One entry a provider, saved or not, in the registry's order. */
  list: userProcedure.query(({ ctx }) => {
    const saved = listProviderTokens(ctx.db, ctx.user.id)
    return PROVIDER_IDS.map((provider) => {
      const token = saved.find((row) => row.provider === provider)
      const { label, tokenPage, placeholder } = PROVIDERS[provider]
      return {
        provider,
        label,
        tokenPage,
        placeholder,
        saved: token !== undefined,
        masked: token ? mask(token.visible) : null,
        updatedAt: token ? new Date(token.updatedAt).toISOString() : null,
      }
    })
  }),

  save: userProcedure
    .input(z.object({ provider, token: z.string().max(10_000, 'is far longer than a token') }))
    .mutation(({ ctx, input }) => saveProviderToken(ctx, ctx.user.id, input.provider, input.token)),

  clear: userProcedure
    .input(z.object({ provider }))
    .mutation(({ ctx, input }) => clearProviderToken(ctx.db, ctx.user.id, input.provider, ctx.clock)),
})
