import type { LoaderFunctionArgs } from '@remix-run/node'
import { jsonAnswer, jsonRefusal, unauthorized, wrongMethod } from '../json-answer'

export const action = () => wrongMethod('GET')

/** Whose API token it is, in the shape of RunComfy's. A browser's session is none. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  if (!['GET', 'HEAD'].includes(request.method)) return wrongMethod('GET')
  try {
    const { id, name, email, username, token } = await context.api.account.whoami()
    if (!token) return unauthorized('Send an API token: Authorization: Bearer slipway_…')
    return jsonAnswer({
      id,
      email,
      display_name: name,
      username,
      token_type: token.type,
      token_created_at: token.createdAt,
    })
  } catch (error) {
    return jsonRefusal(error)
  }
}
