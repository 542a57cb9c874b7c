import { z } from 'zod'
import { endSession } from '../../db/sessions'
import { isSignInLinkLive, redeemSignInLink } from '../../db/sign-in-links'
import { publicProcedure, router, userProcedure } from './trpc'

const link = z.object({ token: z.string().max(100) })

export const accountRouter = router({
  me: userProcedure.query(({ ctx: { user } }) => ({ id: user.id, name: user.name, role: user.role })),

  isSignInLinkLive: publicProcedure
    .input(link)
    .query(({ ctx, input }) => isSignInLinkLive(ctx.db, input.token, ctx.clock)),

  signIn: publicProcedure.input(link).mutation(({ ctx, input }) => {
    const { user, session } = redeemSignInLink(ctx.db, input.token, ctx.clock)
    ctx.setSessionCookie(session)
    ctx.logger.info({ userId: user.id }, 'signed in')
  }),

  signOut: userProcedure.mutation(({ ctx }) => {
    endSession(ctx.db, ctx.session.id)
    ctx.setSessionCookie(undefined)
  }),
})
