import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { jsonAnswer, jsonBody, wrongMethod } from '../json-answer'
import { answer } from '../v1/answer'
import { modelShape } from '../v1/model-shape'
import { requestUrls } from '../v1/request-shape'

/** One model, with what it takes and gives. */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  if (!['GET', 'HEAD'].includes(request.method)) return wrongMethod('GET', 'POST')
  return answer(async () => {
    const model = await context.api.models.get({ id: params['*'] ?? '' })
    return { ...modelShape(context.publicUrl, model, true), outputs: model.outputs }
  })
}

/** Calls it. */
export async function action({ context, params, request }: ActionFunctionArgs) {
  if (request.method !== 'POST') return wrongMethod('GET', 'POST')
  const inputs = await jsonBody(request)
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs))
    return jsonAnswer({ error: 'Send the inputs of the model as a JSON object.' }, 400)
  return answer(async () => {
    const { id } = await context.api.modelRequests.create({
      modelId: params['*'] ?? '',
      inputs,
      idempotencyKey: request.headers.get('Idempotency-Key') ?? undefined,
    })
    return requestUrls(context.publicUrl, id)
  })
}
