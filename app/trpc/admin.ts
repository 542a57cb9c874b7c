import { z } from 'zod'
import { listFailedLaunches } from '../../db/failed-launches'
import { retryLaunch } from '../../db/machine-requests'
import { adminProcedure, router } from './trpc'

export const adminRouter = router({
  /** Machines whose last attempt failed, the latest first. */
  failedLaunches: adminProcedure.query(({ ctx }) =>
    listFailedLaunches(ctx.db).map(({ failedAt, ...launch }) => ({
      ...launch,
      failedAt: new Date(failedAt).toISOString(),
    })),
  ),

  retryLaunch: adminProcedure.input(z.object({ id: z.string().max(64) })).mutation(async ({ ctx, input }) => {
    const ref = retryLaunch(ctx.db, input.id, ctx.clock)
    await ctx.queue.add({ job: 'launch', ...ref })
    return { id: ref.machineId, attempt: ref.attempt }
  }),
})
