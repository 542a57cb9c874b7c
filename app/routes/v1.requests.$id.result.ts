import type { LoaderFunctionArgs } from '@remix-run/node'
import { wrongMethod } from '../json-answer'
import { answerGet } from '../v1/answer'
import { resultShape } from '../v1/request-shape'

export const action = () => wrongMethod('GET')

/** What came out of a request, or why nothing did. */
export const loader = ({ context, params: { id = '' }, request }: LoaderFunctionArgs) =>
  answerGet(request, async () => resultShape(context.publicUrl, await context.api.modelRequests.get({ id })))
