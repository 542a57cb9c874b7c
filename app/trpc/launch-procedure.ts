import type { Actor } from '../../db/audit'
import { relaunchMachine } from '../../db/machine-relaunch'
import { AppError } from '../../errors'
import type { SizeUse } from '../../machine-sizes'
import { chooseSize } from './choose-size'
import type { Context } from './context'
import { userProcedure } from './trpc'

export const UNISOLATED =
  'Machines run as plain processes of this server here, so only administrators may launch. The operator can allow it with ALLOW_UNISOLATED=1.'

/** Launching and relaunching, on a runtime that isolates nothing, is for administrators unless allowed. */
export const launchProcedure = userProcedure.meta({ scope: 'machines:write' }).use(async ({ ctx, next }) => {
  assertMayLaunch(ctx, ctx.user)
  await ctx.limits.take('launches', ctx.user.id)
  return next()
})

/** @throws AppError `forbidden` */
export function assertMayLaunch(ctx: Context, user: { role: string }): void {
  if (mayLaunch(ctx, user)) return
  throw new AppError('forbidden', UNISOLATED)
}

export const mayLaunch = ({ policy }: Context, { role }: { role: string }): boolean =>
  role === 'admin' || policy.membersMayLaunch

/**
 * @param size another size for the machine that takes over
 * @returns its id
 */
export async function relaunch(
  ctx: Context & { by: Actor; user: { id: string; role: SizeUse['role'] } },
  id: string,
  size?: string,
): Promise<string> {
  const { user, policy } = ctx
  const { stop, launch } = relaunchMachine(ctx.db, user.id, id, ctx.by, ctx.clock, {
    requestId: ctx.requestId,
    limits: policy.machineLimits,
    chooseSize: (machine) =>
      chooseSize(policy.machineSizes, { role: user.role, kind: machine.kind }, size ?? machine.size),
  })
  await ctx.queue.add(stop ? { job: 'stop', ...stop } : { job: 'launch', ...launch })
  return launch.machineId
}
