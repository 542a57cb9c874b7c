import { adminScopeProcedure, router, userProcedure } from './trpc'
import { usageInput, usageView } from './usage-view'

export const usageRouter = router({
  /** One's own GPU hours, launches and downloads. */
  mine: userProcedure
    .meta({ scope: 'machines:read' })
    .input(usageInput)
    .query(({ ctx, input }) => usageView(ctx, { ...input, userId: ctx.user.id })),

  /** Everybody's, by user. */
  everybody: adminScopeProcedure('admin:read')
    .input(usageInput)
    .query(({ ctx, input }) => usageView(ctx, { ...input, userId: undefined })),
})
