import type { ActionFunctionArgs } from '@remix-run/node'
import { wrongMethod } from '../json-answer'
import { answer } from '../v1/answer'

export const loader = () => wrongMethod('POST')

/** Takes a request back. RunComfy's client sends no body, and no Content-Length either. */
export async function action({ context, params: { id = '' }, request }: ActionFunctionArgs) {
  if (request.method !== 'POST') return wrongMethod('POST')
  return answer(async () => {
    const { status, cancelled } = await context.api.modelRequests.cancel({ id })
    return { request_id: id, status, outcome: cancelled ? 'cancelled' : 'not_cancellable' }
  })
}
