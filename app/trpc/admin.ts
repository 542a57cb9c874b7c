import * as z from 'zod'
import { retryLaunch } from '../../db/launch-retries'
import { stopAnyMachine } from '../../db/machine-stops'
import { allMachinesInput, allMachinesView, machineFactsView } from './all-machines'
import { auditActions, auditPage, auditView } from './audit-view'
import {
  failedLaunchesInput,
  failedLaunchesView,
  retryFailed,
  retryFailedInput,
  retryRules,
} from './failed-launches'
import { sizeView } from './limits-view'
import { overviewView } from './overview-view'
import { queueView } from './queue-view'
import { adminProcedure, adminScopeProcedure, router } from './trpc'
import { userCalled } from './user-called'
import { usersRouter } from './users'

const byId = z.strictObject({ id: z.string().max(64) })

export const adminRouter = router({
  users: usersRouter,

  /** What happened on this server, the latest first. */
  audit: adminProcedure.input(auditPage).query(({ ctx, input: { userId: text, ...input } }) => {
    const userId = text ? userCalled(ctx.db, text, 'userId') : undefined
    return auditView(ctx.db, { ...input, userId }, ctx.user.id)
  }),

  /** The kinds of entries there are. */
  auditActions: adminProcedure.query(() => auditActions),

  /** How the installation is, and what needs somebody first. */
  overview: adminScopeProcedure('admin:read').query(({ ctx }) => overviewView(ctx)),

  /** Everybody's machines, the newest first; names that begin with a text from Z to A. */
  machines: adminScopeProcedure('admin:read')
    .input(allMachinesInput)
    .query(({ ctx, input }) => allMachinesView(ctx, input)),

  /** What an administrator may know of one of them. */
  machine: adminScopeProcedure('admin:read')
    .input(byId)
    .query(({ ctx, input }) => machineFactsView(ctx, input.id, ctx.user.id)),

  stopMachine: adminProcedure.input(byId).mutation(async ({ ctx, input }) => {
    await ctx.queue.add({ job: 'stop', ...stopAnyMachine(ctx.db, input.id, ctx.by, ctx.clock) })
  }),

  /** Machines whose last attempt failed, the latest first. */
  failedLaunches: adminScopeProcedure('admin:read')
    .input(failedLaunchesInput)
    .query(({ ctx, input }) => failedLaunchesView(ctx, input)),

  /** What waits, what is wrong with Redis, and the workers that there are. */
  queue: adminProcedure.query(({ ctx }) => queueView(ctx)),

  /** What the operator set, where it came from, and the sizes of machines. Secrets are only named. */
  settings: adminProcedure.query(({ ctx }) => ({
    ...ctx.settingsInForce,
    sizes: ctx.policy.machineSizes.map(({ roles, ...size }) => ({ ...sizeView(size), roles: roles ?? null })),
  })),

  retryLaunch: adminScopeProcedure('admin:write')
    .input(byId)
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
