import { createHash } from 'node:crypto'
import { tracked } from '@trpc/server'
import * as z from 'zod'
import {
  cancelModelRequest,
  createModelRequest,
  findRepeatedCall,
  getModelRequest,
  getRequestInputs,
  listModelRequests,
} from '../../db/model-requests'
import { getModel } from '../../db/models'
import { AppError, notFound } from '../../errors'
import { checkInputs } from '../../workflows/input-values'
import { assertMayLaunch } from './launch-procedure'
import { modelRequestView } from './model-request-view'
import { router, userProcedure } from './trpc'
import { wakeups } from './wakeups'

const id = z.string().max(128)
const reading = userProcedure.meta({ scope: 'models:read' })
const writing = userProcedure.meta({ scope: 'models:write' })

export const modelRequestsRouter = router({
  /** Calls a model. Answers at once; `get` and `watch` say how far it is. */
  create: writing
    .input(
      z.strictObject({
        modelId: z.string().max(200),
        inputs: z.unknown(),
        /** Any text of the caller's; the same one again answers the request that it made the first time. */
        idempotencyKey: z.string().min(1, 'is empty').max(200, 'has more than 200 characters').optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      await ctx.limits.take('model_requests', ctx.user.id)
      const given = input.inputs ?? {}
      const before = findRepeatedCall(ctx.db, ctx.user.id, { ...input, given })
      if (before) return { id: before.id }
      const model = getModel(ctx.db, ctx.user.id, input.modelId)
      if (!model) throw notFound('model')
      // It runs on a machine of the caller's, which may have to be launched.
      assertMayLaunch(ctx, ctx.user)
      const { values, faults } = checkInputs(model.definition.inputs, given)
      if (faults) {
        const text = faults.map(({ field, message }) => (field ? `${field}: ${message}` : message))
        throw new AppError('bad_input', text.join('; '), { field: 'inputs', faults })
      }
      const request = createModelRequest(
        ctx.db,
        {
          userId: ctx.user.id,
          modelId: model.id,
          version: model.version,
          inputs: values,
          given,
          idempotencyKey: input.idempotencyKey,
        },
        {
          queuedMax: ctx.policy.requests.queuedMax,
          limits: ctx.policy.machineLimits,
          clock: ctx.clock,
        },
      )
      // From here on logs name it by its own id, and a launch for it too.
      ctx.logger.info({ modelRequestId: request.id }, 'model request is queued')
      await ctx.queue.add({ job: 'request', id: request.id })
      return { id: request.id }
    }),

  get: reading.input(z.object({ id })).query(({ ctx, input }) => {
    const request = getModelRequest(ctx.db, ctx.user.id, input.id)
    if (!request) throw notFound('request')
    return modelRequestView(ctx.db, request)
  }),

  /** What a request was called with, by name; null once that is no longer kept. */
  inputs: reading.input(z.object({ id })).query(({ ctx, input }) => {
    if (!getModelRequest(ctx.db, ctx.user.id, input.id)) throw notFound('request')
    return getRequestInputs(ctx.db, ctx.user.id, input.id)
  }),

  /** The caller's own, the newest first. */
  list: reading
    .input(
      z
        .object({
          modelId: z.string().max(200).optional(),
          /** The id of a request: older ones only. */
          before: id.optional(),
          limit: z.int().min(1).max(100).default(30),
        })
        .prefault({}),
    )
    .query(({ ctx, input }) =>
      listModelRequests(ctx.db, ctx.user.id, input).map((request) => modelRequestView(ctx.db, request)),
    ),

  /** Takes a request back, also one that is in progress. */
  cancel: writing.input(z.object({ id })).mutation(async ({ ctx, input }) => {
    const { request, cancelled, wasOpen } = cancelModelRequest(ctx.db, ctx.user.id, input.id, ctx.clock)
    if (wasOpen) ctx.metrics.modelRequests.inc({ result: 'cancelled', error_class: '' })
    // Whoever looks at it takes it back at ComfyUI, and begins the next one.
    if (cancelled) await ctx.queue.add({ job: 'request', id: input.id })
    return { id: request.id, status: request.status, cancelled }
  }),

  /** The request as it is, and again whenever it changes, until it has ended. */
  watch: reading
    .input(z.object({ id, lastEventId: z.string().max(100).optional().catch(undefined) }))
    .subscription(async function* ({ ctx, input, signal }) {
      let told = input.lastEventId
      let waits = false
      // While it waits, its place changes with what becomes of the caller's others.
      const isAbout = (id: string) => waits || id === input.id
      for await (const _ of wakeups(ctx.requestChanges, ctx.user.id, isAbout, signal)) {
        const request = getModelRequest(ctx.db, ctx.user.id, input.id)
        if (!request) throw notFound('request')
        const view = modelRequestView(ctx.db, request)
        waits = request.status === 'in_queue'
        const mark = [request.revision, view.queuePosition, digest(view.message)].join()
        if (mark !== told) {
          told = mark
          yield tracked(mark, view)
        }
        if (request.endedAt !== null) return
      }
    }),
})

/** Of a text of any length, as much as tells it from another. */
const digest = (text: string | null) =>
  createHash('sha256')
    .update(text ?? '')
    .digest('base64url')
    .slice(0, 16)
