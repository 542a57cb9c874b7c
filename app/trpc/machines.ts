import * as z from 'zod'
import { createMachineTicket } from '../../db/machine-access'
import { extendMachine } from '../../db/machine-ends'
import { deleteMachine, stopMachine } from '../../db/machine-requests'
import { SERVICE_NAMES } from '../../db/schema'
import { iso } from './iso'
import { launchProcedure, relaunch } from './launch-procedure'
import { details, optionsOf, overview } from './machine-details'
import { launch, sizeName } from './machine-launch'
import { logs, watchLogs } from './machine-logs'
import { watch, watchList } from './machine-watch'
import { router, sessionProcedure, userProcedure } from './trpc'

const byId = z.object({ id: z.string().max(64) })
const reading = userProcedure.meta({ scope: 'machines:read' })

/** Where a page of the list ends, and the next begins. */
const place = z
  .string()
  .regex(/^\d{1,15}-[a-z0-9]{1,64}$/, 'is no page of the list; begin with the first')
  .transform((text) => {
    const [createdAt, id = ''] = text.split('-')
    return { createdAt: Number(createdAt), id }
  })

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

  launch,

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

  watch,
  watchList,
})
