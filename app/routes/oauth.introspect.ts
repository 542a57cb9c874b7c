import type { ActionFunctionArgs } from '@remix-run/node'
import { answered, onlyPost } from '../oauth/answer'
import { basicCredentials } from '../oauth/basic'
import { missing, readForm } from '../oauth/form'

const seconds = (date: string) => Math.floor(Date.parse(date) / 1000)

export const loader = onlyPost

/** RFC 7662: what a token is good for. Of one that opens nothing no more is said than that. */
export const action = ({ request, context }: ActionFunctionArgs) =>
  answered(request, async () => {
    const { token } = await readForm(request, ['token'])
    if (!token) throw missing('token')
    const found = await context.api.oauth.introspect({ token, resourceServer: basicCredentials(request) })
    if (!found) return { active: false }
    const { issuer } = await context.api.oauth.server()
    return {
      active: true,
      scope: found.scopes.join(' '),
      client_id: found.clientId ?? undefined,
      username: found.user.name,
      sub: found.user.id,
      token_type: 'Bearer',
      exp: found.expiresAt ? seconds(found.expiresAt) : undefined,
      iat: seconds(found.createdAt),
      iss: issuer,
    }
  })
