import type { LoaderFunctionArgs } from '@remix-run/node'
import { wrongMethod } from '../json-answer'
import { answerGet } from '../v1/answer'

export const action = () => wrongMethod('GET')

/** The categories of the models that the caller may call. */
export const loader = ({ context, request }: LoaderFunctionArgs) =>
  answerGet(request, async () => ({ categories: await context.api.models.categories() }))
