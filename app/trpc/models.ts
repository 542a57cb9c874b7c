import * as z from 'zod'
import { changeModel, publishModel, withdrawModel } from '../../db/model-publications'
import {
  findOwnModel,
  getModel,
  getModels,
  getModelVersion,
  listModelHeads,
  listModelVersions,
} from '../../db/models'
import { MODEL_VISIBILITIES } from '../../db/schema'
import { AppError, notFound } from '../../errors'
import { definitionSchema, type Fault, faultsOf, modelId } from '../../workflows/definition'
import { firstFaults } from '../../workflows/faults'
import { readWorkflow } from '../../workflows/reading'
import { workflowSchema } from '../../workflows/workflow'
import { chooseSize } from './choose-size'
import { iso } from './iso'
import { modelView } from './model-view'
import { router, userProcedure } from './trpc'

/** Any text: what names no model is not there. */
const id = z.string().max(200)
const version = z.int().min(1)
const visibility = z.enum(MODEL_VISIBILITIES, `must be ${MODEL_VISIBILITIES.join(' or ')}`)

const reading = userProcedure.meta({ scope: 'models:read' })
const writing = userProcedure.meta({ scope: 'models:write' })

const listInput = z.object({
  /** In its id, title or description. */
  search: z.string().max(200).optional(),
  category: z.string().max(40).optional(),
  isOwn: z.boolean().optional(),
  limit: z.int().min(1).max(500).default(100),
  offset: z.int().min(0).max(1_000_000).default(0),
})

export const modelsRouter = router({
  /** What this user may call, by id. */
  list: reading.input(listInput.prefault({})).query(({ ctx, input }) => {
    const { search = '', category, isOwn, limit, offset } = input
    const sought = search.trim().toLowerCase()
    const found = listModelHeads(ctx.db, ctx.user.id).filter(
      (model) =>
        [model.id, model.title, model.description].some((text) => text.toLowerCase().includes(sought)) &&
        (category === undefined || model.categories.includes(category)) &&
        (isOwn === undefined || (model.userId === ctx.user.id) === isOwn),
    )
    const ids = found.slice(offset, offset + limit).map(({ id }) => id)
    const models = getModels(ctx.db, ctx.user.id, ids).map((model) => modelView(model, ctx.user.id))
    return { models, total: found.length }
  }),

  /** The ids of all that this user may call, in order. */
  ids: reading.query(({ ctx }) => listModelHeads(ctx.db, ctx.user.id).map(({ id }) => id)),

  /** The categories of what this user may call, in order. */
  categories: reading.query(({ ctx }) =>
    [...new Set(listModelHeads(ctx.db, ctx.user.id).flatMap(({ categories }) => categories))].sort(),
  ),

  get: reading.input(z.object({ id })).query(({ ctx, input }) => {
    const model = getModel(ctx.db, ctx.user.id, input.id)
    if (!model) throw notFound('model')
    const view = modelView(model, ctx.user.id)
    return { ...view, callUrl: `${ctx.policy.publicUrl}/v1/models/${view.id}` }
  }),

  /** Whether an id is that of a model of one's own, also of one that was withdrawn; null when it isn't. */
  own: reading.input(z.object({ id })).query(({ ctx, input }) => {
    const found = findOwnModel(ctx.db, ctx.user.id, input.id)
    return found ? { isWithdrawn: found.withdrawnAt !== null } : null
  }),

  /** The versions of a model of one's own, the newest first. */
  versions: reading.input(z.object({ id })).query(({ ctx, input }) => {
    if (!findOwnModel(ctx.db, ctx.user.id, input.id)) throw notFound('model')
    return listModelVersions(ctx.db, ctx.user.id, input.id).map(({ createdAt, ...row }) => ({
      ...row,
      createdAt: iso(createdAt),
    }))
  }),

  /** All of one version of a model of one's own: what to begin the next one with. */
  source: reading.input(z.object({ id, version })).query(({ ctx, input }) => {
    const found = getModelVersion(ctx.db, ctx.user.id, input.id, input.version)
    if (!found) throw notFound('version')
    return { ...found, reading: readWorkflow(found.workflow) }
  }),

  /** What a workflow offers to whoever publishes it. Changes nothing. */
  read: writing.input(z.object({ workflow: workflowSchema })).mutation(async ({ ctx, input }) => {
    await ctx.limits.take('model_publications', ctx.user.id)
    return readWorkflow(input.workflow)
  }),

  /** Makes a model, or the next version of one. The same as the version that is called makes none. */
  publish: writing
    .input(
      z.strictObject({
        id: modelId,
        visibility: visibility.optional(),
        workflow: workflowSchema,
        definition: definitionSchema,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      await ctx.limits.take('model_publications', ctx.user.id)
      const faults = faultsOf(input.definition, input.workflow)
      if (faults.length) throw unfit(faults)
      if (input.definition.size !== undefined)
        chooseSize(ctx.policy.machineSizes, { ...ctx.user, kind: 'comfyui' }, input.definition.size)
      return publishModel(ctx.db, { ...input, userId: ctx.user.id }, ctx.by, ctx.clock)
    }),

  /** Says who may call it, or which of its versions. */
  change: writing
    .input(z.strictObject({ id, visibility: visibility.optional(), version: version.optional() }))
    .mutation(({ ctx, input: { id, ...changes } }) =>
      changeModel(ctx.db, ctx.user.id, id, changes, ctx.by, ctx.clock),
    ),

  /** Takes it back: nobody can call it any more. */
  withdraw: writing
    .input(z.object({ id }))
    .mutation(({ ctx, input }) => withdrawModel(ctx.db, ctx.user.id, input.id, ctx.by, ctx.clock)),
})

function unfit(all: Fault[]): AppError {
  const faults = firstFaults(all.map(({ field, message }) => ({ field: `definition.${field}`, message })))
  const text = faults.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ')
  return new AppError('bad_input', text, { field: faults[0]?.field, faults })
}
