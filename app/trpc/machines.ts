import { tracked } from '@trpc/server'
import * as z from 'zod'
import { usableCloudSave } from '../../db/cloud-saves'
import { createMachineTicket } from '../../db/machine-access'
import { extendMachine } from '../../db/machine-ends'
import { NO_MACHINES } from '../../db/machine-limits'
import { deleteMachine, launchMachine, stopMachine } from '../../db/machine-requests'
import { runTimes } from '../../db/machine-runs'
import { getMachine, listMachines } from '../../db/machines'
import { SERVICE_NAMES } from '../../db/schema'
import type { User } from '../../db/users'
import { AppError, notFound } from '../../errors'
import { sizesFor } from '../../machine-sizes'
import { KIND_LABELS, MACHINE_KINDS } from '../../providers/registry'
import { chooseSize } from './choose-size'
import type { Context } from './context'
import { iso } from './iso'
import { launchProcedure, mayLaunch, relaunch, UNISOLATED } from './launch-procedure'
import { launchView } from './launch-view'
import { allowance, diskView, limitsFor, limitsView, sizeView } from './limits-view'
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
  /** After how many it ends, where that is sooner than everybody's session does. */
  sessionMinutes: z
    .number('must be a number')
    .min(1, 'must be 1 or more')
    .max(31 * 24 * 60, 'must be 44640 or less')
    .optional(),
  /** Any text of the caller's; the same one again answers the machine that it made the first time. */
  idempotencyKey: z.string().min(1, 'is empty').max(100, 'has more than 100 characters').optional(),
})

const reading = userProcedure.meta({ scope: 'machines:read' })

/** Where a page of the list ends, and the next begins. */
const place = z
  .string()
  .regex(/^\d{1,15}-[a-z0-9]{1,64}$/, 'is no page of the list; begin with the first')
  .transform((text) => {
    const [createdAt, id = ''] = text.split('-')
    return { createdAt: Number(createdAt), id }
  })

function details(ctx: Context, userId: string, id: string) {
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

type Stops = ReturnType<typeof limitsView>['stops']

/** Whoever uses a machine puts its end off, and no event says so. */
const lookAgainAfter = (machines: readonly { stops: Stops }[]): number | undefined =>
  machines.some(({ stops }) => stops?.reason === 'idle') ? 60_000 : undefined

function overview(ctx: Context, userId: string, page: Parameters<typeof listMachines>[2] = {}) {
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
function optionsOf(ctx: Context, user: User) {
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

/** @throws AppError when the save is none to start from, or is of another kind */
function kindToLaunch({ db }: Context, userId: string, { kind, saveId }: z.output<typeof launchInput>) {
  if (saveId === undefined) return kind ?? 'comfyui'
  const save = usableCloudSave(db, userId, saveId)
  if (kind === undefined || kind === save.kind) return save.kind
  throw new AppError(
    'bad_input',
    `This save is of a ${KIND_LABELS[save.kind]} machine. Choose a save of another machine, or leave the kind out.`,
    { field: 'kind' },
  )
}

export const machinesRouter = router({
  /** The newest 50 of the user, and whichever older ones have not ended; or the 50 that come after a place. */
  list: reading
    .input(z.strictObject({ before: place.optional() }).optional())
    .query(({ ctx, input }) => overview(ctx, ctx.user.id, input)),

  get: reading.input(byId).query(({ ctx, input }) => details(ctx, ctx.user.id, input.id)),

  /** What is set up here, and whether this user may use it. */
  options: reading.query(({ ctx }) => optionsOf(ctx, ctx.user)),

  logs,
  watchLogs,

  launch: launchProcedure.input(launchInput).mutation(async ({ ctx, input }) => {
    const { sessionMinutes, ...asked } = input
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
      {
        ...asked,
        requestId: ctx.requestId,
        kind,
        userId: ctx.user.id,
        name: input.name || KIND_LABELS[kind],
        size,
        sessionMs: sessionMinutes && Math.round(sessionMinutes * 60_000),
      },
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
      const asked = { userId: ctx.user.id, id: input.id, limits: ctx.policy.machineLimits }
      const endsAt = extendMachine(ctx.db, asked, ctx.by, ctx.clock)
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
    let stops: Stops = null
    for await (const _ of wakeups(
      ctx.changes,
      userId,
      (id) => id === input.id,
      signal,
      () => waits,
      () => lookAgainAfter([{ stops }]),
    )) {
      const machine = details(ctx, userId, input.id)
      // Its place changes with what becomes of others.
      waits = machine.queue !== null
      stops = machine.stops
      const besides = machine.queue?.message ?? (stops?.reason === 'idle' ? stops.at : undefined)
      const id = [machine.events.at(-1)?.id ?? 0, ...(besides ? [besides] : [])].join()
      if (id === told) continue
      told = id
      yield tracked(id, machine)
    }
  }),

  /** The list as it is, and again whenever one of its machines changes. */
  watchList: reading.subscription(async function* ({ ctx, signal }) {
    let waits = false
    let shown: ReturnType<typeof overview> = []
    for await (const _ of wakeups(
      ctx.changes,
      ctx.user.id,
      () => true,
      signal,
      () => waits,
      () => lookAgainAfter(shown),
    )) {
      shown = overview(ctx, ctx.user.id)
      waits = shown.some(({ queue }) => queue !== null)
      yield shown
    }
  }),
})
