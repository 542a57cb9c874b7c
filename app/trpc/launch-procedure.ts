import type { Actor } from '../../db/audit'
import { relaunchMachine } from '../../db/machine-requests'
import { AppError } from '../../errors'
import type { Context } from './context'
import { userProcedure } from './trpc'

/** Launching and relaunching, on a runtime that isolates nothing, is for administrators unless allowed. */
export const launchProcedure = userProcedure.meta({ scope: 'machines:write' }).use(async ({ ctx, next }) => {
  if (!mayLaunch(ctx, ctx.user))
    throw new AppError(
      'forbidden',
      'Machines run as plain processes of this server here, so only administrators may launch. The operator can allow it with ALLOW_UNISOLATED=1.',
    )
  await ctx.limits.take('launches', ctx.user.id)
  return next()
})

export const mayLaunch = ({ policy }: Context, { role }: { role: string }): boolean =>
  role === 'admin' || policy.membersMayLaunch

/** @returns the id of the machine that takes over */
export async function relaunch(ctx: Context & { by: Actor }, userId: string, id: string): Promise<string> {
  const { stop, launch } = relaunchMachine(ctx.db, userId, id, ctx.by, ctx.clock)
  await ctx.queue.add(stop ? { job: 'stop', ...stop } : { job: 'launch', ...launch })
  return launch.machineId
}
