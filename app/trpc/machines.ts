import { tracked } from '@trpc/server'
import { z } from 'zod'
import { usableCloudSave } from '../../db/cloud-saves'
import { createMachineTicket } from '../../db/machine-access'
import { extendMachine } from '../../db/machine-ends'
import { deleteMachine, launchMachine, stopMachine } from '../../db/machine-requests'
import { getMachine, listMachines } from '../../db/machines'
import { SERVICE_NAMES } from '../../db/schema'
import { AppError, notFound } from '../../errors'
import { sizesFor } from '../../machine-sizes'
import { KIND_LABELS, MACHINE_KINDS } from '../../providers/registry'
import { chooseSize } from './choose-size'
import type { Context } from './context'
import { iso } from './iso'
import { launchProcedure, mayLaunch, relaunch } from './launch-procedure'
import { diskView, inMinutes, limitsView, lineOf, sizeView } from './limits-view'
import { logs, watchLogs } from './machine-logs'
import { machineView, timelineView } from './machine-view'
import { router, sessionProcedure, userProcedure } from './trpc'
import { wakeups } from './wakeups'

const byId = z.object({ id: z.string().max(64) })
const sizeName = z.string().max(40)
const watchInput = byId.extend({ lastEventId: z.string().max(40).optional() })
// Strict: what asks for more than there is to choose is told so, rather than half obeyed.
const launchInput = z.strictObject({
  kind: z.enum(MACHINE_KINDS, `must be one of ${MACHINE_KINDS.join(', ')}`).optional(),
  name: z
    .string()
    .trim()
    .max(60, 'has more than 60 characters; use a shorter one')
    .regex(/^\P{Cc}*$/u, 'holds control characters; type it again')
    .optional(),
  /** The name of one of `machines.options`' sizes. */
  size: sizeName.optional(),
  /** The cloud save that its workspace begins with; it says the kind too. */
  saveId: z.string().max(64).optional(),
  /** Any text of the caller's; the same one again answers the machine that it made the first time. */
  idempotencyKey: z.string().min(1).max(100).optional(),
})

const reading = userProcedure.meta({ scope: 'machines:read' })

function details(ctx: Context, userId: string, id: string) {
  const machine = getMachine(ctx.db, userId, id)
  if (!machine) throw notFound('machine')
  return {
    ...machineView(machine, ctx.serviceUrl),
    ...limitsView(ctx, machine, lineOf(ctx)),
    events: timelineView(machine.events),
  }
}

function overview(ctx: Context, userId: string) {
  const line = lineOf(ctx)
  return listMachines(ctx.db, userId).map((machine) => ({
    ...machineView(machine, ctx.serviceUrl),
    ...limitsView(ctx, machine, line),
  }))
}

/** @throws AppError when the save is none to start from, or is of another kind */
function kindToLaunch({ db }: Context, userId: string, { kind, saveId }: z.output<typeof launchInput>) {
  if (saveId === undefined) return kind ?? 'comfyui'
  const save = usableCloudSave(db, userId, saveId)
  if (kind === undefined || kind === save.kind) return save.kind
  throw new AppError(
    'bad_input',
    `This save is of a ${KIND_LABELS[save.kind]} machine. Leave the kind out, or choose another save.`,
    { field: 'kind' },
  )
}

export const machinesRouter = router({
  /** The newest 50 of the user. */
  list: reading.query(({ ctx }) => overview(ctx, ctx.user.id)),

  get: reading.input(byId).query(({ ctx, input }) => details(ctx, ctx.user.id, input.id)),

  /** What is set up here, and whether this user may use it. */
  options: reading.query(({ ctx }) => ({
    hasComfyui: ctx.policy.hasComfyui,
    hasTrainer: ctx.policy.hasTrainer,
    mayLaunch: mayLaunch(ctx, ctx.user),
    /** Those that this user may choose from; the first is what one gets without choosing. */
    sizes: sizesFor(ctx.policy.machineSizes, ctx.user)
      .filter(({ kinds }) => ctx.policy.hasTrainer || !kinds || kinds.includes('comfyui'))
      .map(sizeView),
    /** False where machines run as plain processes, which no size limits. */
    sizesHold: ctx.policy.sizesHold,
    limits: {
      machinesPerUser: ctx.policy.machineLimits.perUser ?? null,
      machinesInAll: ctx.policy.machineLimits.inAll ?? null,
      sessionMinutes: inMinutes(ctx.policy.machineLimits.sessionMs),
      idleMinutes: inMinutes(ctx.policy.machineLimits.idleMs),
    },
    disk: diskView(ctx, ctx.user.id),
  })),

  logs,
  watchLogs,

  launch: launchProcedure.input(launchInput).mutation(async ({ ctx, input }) => {
    const kind = kindToLaunch(ctx, ctx.user.id, input)
    if (kind === 'trainer' && !ctx.policy.hasTrainer)
      throw new AppError(
        'bad_input',
        'This server has no trainer yet: its operator sets TRAINER_COMMAND. Launch a ComfyUI machine instead.',
        { field: 'kind' },
      )
    const size = chooseSize(ctx.policy.machineSizes, { ...ctx.user, kind }, input.size)
    const ref = launchMachine(
      ctx.db,
      { ...input, kind, userId: ctx.user.id, name: input.name || KIND_LABELS[kind], size },
      ctx.by,
      ctx.clock,
      ctx.policy.machineLimits,
    )
    await ctx.queue.add({ job: 'launch', ...ref })
    return { id: ref.machineId }
  }),

  stop: userProcedure
    .meta({ scope: 'machines:write' })
    .input(byId)
    .mutation(async ({ ctx, input }) => {
      await ctx.queue.add({ job: 'stop', ...stopMachine(ctx.db, ctx.user.id, input.id, ctx.by, ctx.clock) })
    }),

  /** Answers the machine to watch: the one that takes over. */
  relaunch: launchProcedure
    .input(byId.extend({ size: sizeName.optional() }).strict())
    .mutation(async ({ ctx, input }) => ({ id: await relaunch(ctx, input.id, input.size) })),

  /** One more session's length from now, for a machine that runs; answers when it ends then. */
  extend: userProcedure
    .meta({ scope: 'machines:write' })
    .input(byId)
    .mutation(({ ctx, input }) => {
      const { sessionMs } = ctx.policy.machineLimits
      const endsAt = extendMachine(
        ctx.db,
        { userId: ctx.user.id, id: input.id, sessionMs },
        ctx.by,
        ctx.clock,
      )
      return { endsAt: iso(endsAt) }
    }),

  /** Ends the machine if it runs, and removes its files for good. It is out of sight at once. */
  delete: userProcedure
    .meta({ scope: 'machines:write' })
    .input(byId)
    .mutation(async ({ ctx, input }) => {
      await ctx.queue.add({ job: 'stop', ...deleteMachine(ctx.db, ctx.user.id, input.id, ctx.by, ctx.clock) })
    }),

  /** Where to send the browser to enter a service: a link good once, for 30 seconds. */
  open: sessionProcedure.input(byId.extend({ service: z.enum(SERVICE_NAMES) })).mutation(({ ctx, input }) => {
    const target = { machineId: input.id, service: input.service }
    const ticket = createMachineTicket(
      ctx.db,
      { ...target, userId: ctx.user.id, sessionId: ctx.session.id },
      ctx.clock,
    )
    return { url: `${ctx.serviceUrl(input.id, input.service)}.slipway/enter?ticket=${ticket}` }
  }),

  /**
   * The machine as it is, and again whenever something about it changes; each by the id of its last event.
   * Who comes back with the last one that they got hears of what came after it.
   */
  watch: reading.input(watchInput).subscription(async function* ({ ctx, input, signal }) {
    const { id: userId } = ctx.user
    let told = input.lastEventId
    let waits = false
    for await (const _ of wakeups(ctx.changes, userId, input.id, signal, () => waits)) {
      const machine = details(ctx, userId, input.id)
      // Its place changes with what becomes of others.
      waits = machine.queue !== null
      const id = [machine.events.at(-1)?.id ?? 0, ...(machine.queue ? [machine.queue.message] : [])].join()
      if (id === told) continue
      told = id
      yield tracked(id, machine)
    }
  }),

  /** The list as it is, and again whenever one of its machines changes. */
  watchList: reading.subscription(async function* ({ ctx, signal }) {
    let waits = false
    for await (const _ of wakeups(ctx.changes, ctx.user.id, undefined, signal, () => waits)) {
      const machines = overview(ctx, ctx.user.id)
      waits = machines.some(({ queue }) => queue !== null)
      yield machines
    }
  }),
})
