import * as z from 'zod'
import { clearProviderToken, listProviderTokens, saveProviderToken } from '../../db/provider-tokens'
import { listTokenHolders } from '../../db/token-holders'
import { AppError } from '../../errors'
import { PROVIDER_IDS, type ProviderId } from '../../providers/registry'
import { readToken } from '../../providers/token-format'
import type { Context } from './context'
import { launchProcedure, relaunch } from './launch-procedure'
import { askAboutModel, askAboutToken } from './provider-token-checks'
import { checkView, providerTokenView } from './provider-token-view'
import { askBeforeSaving, savedToken } from './saved-token'
import { router, userProcedure } from './trpc'

const provider = z.enum(PROVIDER_IDS, `must be one of ${PROVIDER_IDS.join(', ')}`)
const byProvider = z.object({ provider })
const reading = userProcedure.meta({ scope: 'provider-tokens:read' })
const writing = userProcedure.meta({ scope: 'provider-tokens:write' })
const asking = writing.use(async ({ ctx, next }) => {
  await ctx.limits.take('provider_token_checks', ctx.user.id)
  return next()
})

const holdersOf = (ctx: Context, userId: string, provider: ProviderId) =>
  listTokenHolders(ctx.db, userId).filter((holder) => holder.provider === provider)

/** The sessions that hold a value that is no longer the saved one. */
const keeping = (ctx: Context, userId: string, provider: ProviderId) =>
  holdersOf(ctx, userId, provider)
    .filter(({ holds }) => holds === 'older')
    .map(({ machineId, name }) => ({ machineId, name }))

export const providerTokensRouter = router({
  /** One entry a provider, saved or not, in the registry's order. */
  list: reading.query(({ ctx }) => {
    const saved = listProviderTokens(ctx.db, ctx.user.id)
    const holders = listTokenHolders(ctx.db, ctx.user.id)
    return PROVIDER_IDS.map((provider) => {
      const token = saved.find((row) => row.provider === provider)
      const server = { checksOn: ctx.issuers !== undefined, now: ctx.clock() }
      return providerTokenView(provider, token, holders, server)
    })
  }),

  /** Asks the issuer first; what it refuses is saved with `anyway` alone. */
  save: writing
    .input(
      byProvider.extend({
        token: z.string().max(10_000, 'is far longer than a token'),
        anyway: z.boolean().default(false),
      }),
    )
    .mutation(async ({ ctx, input: { provider, token, anyway } }) => {
      await ctx.limits.take('provider_token_saves', ctx.user.id)
      const { value, fault } = readToken(provider, token)
      if (fault !== undefined) throw new AppError('bad_input', fault, { field: 'token' })
      const check = await askBeforeSaving(ctx, ctx.user.id, provider, value)
      if (check?.state === 'refused' && !anyway)
        throw new AppError('bad_input', `${check.message} Copy it again, or save it anyway.`, {
          field: 'token',
          mayInsist: true,
        })
      saveProviderToken(ctx, ctx.user.id, provider, value, ctx.by, check)
      const saved = savedToken(ctx, ctx.user.id, provider)
      return {
        check: saved ? checkView(saved, ctx.clock()) : null,
        keeping: keeping(ctx, ctx.user.id, provider),
      }
    }),

  clear: writing.input(byProvider).mutation(({ ctx, input: { provider } }) => {
    clearProviderToken(ctx.db, ctx.user.id, provider, ctx.by, ctx.clock)
    return { keeping: keeping(ctx, ctx.user.id, provider) }
  }),

  /** Has the saved token checked now. `message` says why there is no new answer, when there is none. */
  check: asking
    .input(byProvider)
    .mutation(({ ctx, input, signal }) => askAboutToken(ctx, ctx.user.id, input.provider, signal)),

  /** Whether the saved token opens a model: an address of the provider's, or `owner/name`. */
  checkModel: asking
    .input(byProvider.extend({ model: z.string().max(2000, 'is longer than an address') }))
    .mutation(({ ctx, input, signal }) =>
      askAboutModel(ctx, { ...input, userId: ctx.user.id, pasted: input.model }, signal),
    ),

  /** Relaunches every session that doesn't hold what is saved now; answers the machines that take over. */
  relaunchHolders: launchProcedure
    .input(byProvider.strict())
    .mutation(async ({ ctx, input: { provider } }) => {
      const isSaved = savedToken(ctx, ctx.user.id, provider) !== undefined
      const stale = holdersOf(ctx, ctx.user.id, provider).filter(
        ({ holds }) => holds === 'older' || (isSaved && holds === 'none'),
      )
      const machines: { id: string; replaces: string }[] = []
      let refusal: AppError | undefined
      for (const { machineId } of stale)
        try {
          machines.push({ id: await relaunch(ctx, machineId), replaces: machineId })
        } catch (error) {
          // One whose size is no longer offered is no reason to leave the others as they are.
          if (!(error instanceof AppError)) throw error
          refusal = error
        }
      if (refusal && machines.length === 0) throw refusal
      return { machines }
    }),
})
