import { z } from 'zod'
import { listFailedLaunches } from '../../db/failed-launches'
import { retryLaunch } from '../../db/launch-retries'
import { auditActions, auditPage, auditView } from './audit-view'
import { iso } from './iso'
import { adminProcedure, router } from './trpc'
import { usersRouter } from './users'

export const adminRouter = router({
  users: usersRouter,

  /** What happened on this server, the latest first. */
  audit: adminProcedure.input(auditPage).query(({ ctx, input }) => auditView(ctx.db, input, ctx.user.id)),

  /** The kinds of entries there are. */
  auditActions: adminProcedure.query(() => auditActions),

  /** Machines whose last attempt failed, the latest first. */
  failedLaunches: adminProcedure.query(({ ctx }) =>
    listFailedLaunches(ctx.db).map(({ failedAt, ...launch }) => ({
      ...launch,
      failedAt: iso(failedAt),
    })),
  ),

  retryLaunch: adminProcedure.input(z.object({ id: z.string().max(64) })).mutation(async ({ ctx, input }) => {
    const ref = retryLaunch(ctx.db, input.id, ctx.by, ctx.clock, ctx.policy.machineLimits)
    await ctx.queue.add({ job: 'launch', ...ref })
    return { id: ref.machineId, attempt: ref.attempt }
  }),
})
