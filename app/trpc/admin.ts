import { z } from 'zod'
import { retryLaunch } from '../../db/launch-retries'
import { auditActions, auditPage, auditView } from './audit-view'
import {
  failedLaunchesInput,
  failedLaunchesView,
  retryFailed,
  retryFailedInput,
  retryRules,
} from './failed-launches'
import { queueView } from './queue-view'
import { adminProcedure, adminScopeProcedure, router } from './trpc'
import { usersRouter } from './users'

export const adminRouter = router({
  users: usersRouter,

  /** What happened on this server, the latest first. */
  audit: adminProcedure.input(auditPage).query(({ ctx, input }) => auditView(ctx.db, input, ctx.user.id)),

  /** The kinds of entries there are. */
  auditActions: adminProcedure.query(() => auditActions),

  /** Machines whose last attempt failed, the latest first. */
  failedLaunches: adminScopeProcedure('admin:read')
    .input(failedLaunchesInput)
    .query(({ ctx, input }) => failedLaunchesView(ctx.db, input)),

  /** What waits, what is wrong with Redis, and the workers that there are. */
  queue: adminProcedure.query(({ ctx }) => queueView(ctx)),

  retryLaunch: adminScopeProcedure('admin:write')
    .input(z.strictObject({ id: z.string().max(64) }))
    .mutation(async ({ ctx, input }) => {
      const ref = retryLaunch(ctx.db, input.id, ctx.by, ctx.clock, retryRules(ctx))
      await ctx.queue.add({ job: 'launch', ...ref })
      return { id: ref.machineId, attempt: ref.attempt }
    }),

  /** Retries several, or a class of them, and says what came of each. */
  retryFailed: adminScopeProcedure('admin:write')
    .input(retryFailedInput)
    .mutation(({ ctx, input }) => retryFailed(ctx, input)),
})
