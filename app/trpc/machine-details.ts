import { NO_MACHINES } from '../../db/machine-limits'
import { runTimes } from '../../db/machine-runs'
import { getMachine, listMachines } from '../../db/machines'
import type { User } from '../../db/users'
import { notFound } from '../../errors'
import { sizesFor } from '../../machine-sizes'
import type { Context } from './context'
import { mayLaunch, UNISOLATED } from './launch-procedure'
import { launchView } from './launch-view'
import { allowance, diskView, limitsFor, limitsView, sizeView } from './limits-view'
import { machineView, timelineView } from './machine-view'

/** All that a machine's page shows. @throws AppError when the user has no such machine */
export function details(ctx: Context, userId: string, id: string) {
  const machine = getMachine(ctx.db, userId, id)
  if (!machine) throw notFound('machine')
  return {
    ...machineView(machine, ctx.serviceUrl),
    ...limitsView(ctx, machine, limitsFor(ctx, userId)),
    ran: runTimes(ctx.db, [id], ctx.clock()).get(id) ?? null,
    launch: launchView(machine, ctx.policy, ctx.clock()),
    events: timelineView(machine.events),
  }
}

/** A page of the user's machines, as its list shows them. */
export function overview(ctx: Context, userId: string, page: Parameters<typeof listMachines>[2] = {}) {
  const limits = limitsFor(ctx, userId)
  const machines = listMachines(ctx.db, userId, page)
  const ids = machines.map(({ id }) => id)
  const times = runTimes(ctx.db, ids, ctx.clock())
  return machines.map((machine) => ({
    ...machineView(machine, ctx.serviceUrl),
    ...limitsView(ctx, machine, limits),
    ran: times.get(machine.id) ?? null,
  }))
}

/** What is set up here, and what of it this user may use. */
export function optionsOf(ctx: Context, user: User) {
  const { policy } = ctx
  const limits = allowance(ctx, user.id)
  const refusal = limits.machinesPerUser === 0 ? NO_MACHINES : mayLaunch(ctx, user) ? null : UNISOLATED
  return {
    hasComfyui: policy.hasComfyui,
    hasTrainer: policy.hasTrainer,
    mayLaunch: refusal === null,
    /** Why this user may not launch; null when they may. */
    refusal,
    /** Those that this user may choose from; the first is what one gets without choosing. */
    sizes: sizesFor(policy.machineSizes, user)
      .filter(({ kinds }) => policy.hasTrainer || !kinds || kinds.includes('comfyui'))
      .map(sizeView),
    /** False where machines run as plain processes, which no size limits. */
    sizesHold: policy.sizesHold,
    limits,
    disk: diskView(ctx, user.id),
  }
}
