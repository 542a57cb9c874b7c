import type { ActionFunctionArgs } from '@remix-run/node'
import { answered, onlyPost } from '../oauth/answer'
import { missing, readClientForm } from '../oauth/form'

export const loader = onlyPost

/** RFC 7009: ends a token of the client's own. A body all the same, since some clients parse it. */
export const action = ({ request, context }: ActionFunctionArgs) =>
  answered(request, async () => {
    const { clientId, form } = await readClientForm(request, ['token'])
    if (!form.token) throw missing('token')
    await context.api.oauth.revoke({ token: form.token, clientId })
    return {}
  })
