import type { LoaderFunctionArgs } from '@remix-run/node'
import { wrongMethod } from '../json-answer'
import { answerGet } from '../v1/answer'
import { statusShape } from '../v1/request-shape'

export const action = () => wrongMethod('GET')

/** How far a request is. */
export const loader = ({ context, params: { id = '' }, request }: LoaderFunctionArgs) =>
  answerGet(request, async () => statusShape(context.publicUrl, await context.api.modelRequests.get({ id })))
