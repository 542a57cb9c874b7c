import type { LoaderFunctionArgs } from '@remix-run/node'
import * as z from 'zod'
import { badBody, wrongMethod } from '../json-answer'
import { answerGet } from '../v1/answer'
import { modelShape } from '../v1/model-shape'

const count = (max: number) =>
  z.coerce.number('must be a number').int('must be a whole number').min(0, 'must be 0 or more').max(max)

const query = z.object({
  search: z.string().max(200).optional(),
  category: z.string().max(40).optional(),
  /** RunComfy has `model`, `workflow` and `inference`; everything here is a workflow. */
  kind: z.string().optional(),
  include_schema: z.string().optional(),
  limit: count(500).min(1, 'must be 1 or more').optional(),
  offset: count(1_000_000).optional(),
})

export const action = () => wrongMethod('GET')

/** The models that the caller may call. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const { data: asked, error: fault } = query.safeParse(Object.fromEntries(new URL(request.url).searchParams))
  if (!asked) return badBody(fault)
  const { kind = 'workflow', include_schema, ...filter } = asked
  const withSchema = include_schema === 'true' || include_schema === '1'
  return answerGet(request, async () => {
    const { models, total } = await context.api.models.list(filter)
    if (kind !== 'workflow') return { models: [], total: 0 }
    return { models: models.map((model) => modelShape(context.publicUrl, model, withSchema)), total }
  })
}
