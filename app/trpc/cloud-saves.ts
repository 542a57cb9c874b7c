import * as z from 'zod'
import {
  type CloudSave,
  createCloudSave,
  deleteCloudSave,
  getCloudSave,
  listCloudSaves,
} from '../../db/cloud-saves'
import { notFound } from '../../errors'
import { nameInput } from './inputs'
import { iso } from './iso'
import { router, userProcedure } from './trpc'

const id = z.string().max(64)
const reading = userProcedure.meta({ scope: 'machines:read' })
const writing = userProcedure.meta({ scope: 'machines:write' })

/** A save as its owner sees it. */
const view = (save: CloudSave) => ({
  id: save.id,
  name: save.name,
  kind: save.kind,
  machine: { id: save.machineId, name: save.machineName },
  status: save.status,
  /** Of the archive, once it is saved. */
  bytes: save.bytes,
  sha256: save.sha256,
  /** Bytes of files: how far it is, and how many there are. */
  bytesDone: save.bytesDone,
  bytesTotal: save.bytesTotal,
  /** What was left out, and why. */
  notes: save.notes?.split('\n') ?? [],
  error: save.errorClass === null ? null : { class: save.errorClass, message: save.errorMessage ?? '' },
  createdAt: iso(save.createdAt),
  endedAt: iso(save.endedAt),
})

export const cloudSavesRouter = router({
  /** The newest 100 of the user, or of one machine. */
  list: reading
    .input(z.object({ machineId: id.optional() }).prefault({}))
    .query(({ ctx, input }) => listCloudSaves(ctx.db, ctx.user.id, input).map(view)),

  get: reading.input(z.object({ id })).query(({ ctx, input }) => {
    const save = getCloudSave(ctx.db, ctx.user.id, input.id)
    if (!save) throw notFound('cloud save')
    return view(save)
  }),

  /** Has a machine's workspace saved. Answers at once; `get` says how far it is. */
  create: writing
    .input(z.object({ machineId: id, name: nameInput.optional() }))
    .mutation(async ({ ctx, input }) => {
      const asked = { ...input, userId: ctx.user.id }
      await ctx.limits.take('saves', ctx.user.id)
      const save = createCloudSave(ctx.db, asked, ctx.by, ctx.clock, ctx.policy.machineLimits)
      await ctx.queue.add({ job: 'save', id: save.id })
      return save
    }),

  delete: writing.input(z.object({ id })).mutation(async ({ ctx, input }) => {
    deleteCloudSave(ctx.db, ctx.user.id, input.id, ctx.by, ctx.clock)
    // Whoever looks at it finds that it is gone, and removes its file.
    await ctx.queue.add({ job: 'save', id: input.id })
  }),
})
