import type { ActionFunctionArgs } from '@remix-run/node'
import * as z from 'zod'
import { CLI_CLIENT } from '../../oauth-settings'
import { jsonAnswer, jsonBody, jsonRefusal, wrongMethod } from '../json-answer'

const pollRequest = z.object({ device_code: z.string().max(200) })

export const loader = () => wrongMethod('POST')

/**
 * How a login of the command line stands. RunComfy's own gives a login up at any status that it doesn't know,
 * and looks at the body alone: whatever fails here for a moment is one more `pending`.
 */
export async function action({ context, request }: ActionFunctionArgs) {
  if (request.method !== 'POST') return wrongMethod('POST')
  const asked = pollRequest.safeParse(await jsonBody(request)).data
  if (!asked) return jsonAnswer({ status: 'expired' }, 410)
  try {
    const grant = { deviceCode: asked.device_code, clientId: CLI_CLIENT }
    const answer = await context.api.deviceGrants.redeem(grant)
    // One that OAuth began is paced; here nobody is told.
    if (answer.state === 'pending' || answer.state === 'slow_down') return jsonAnswer({ status: 'pending' })
    if (answer.state === 'redeemed') return jsonAnswer({ status: 'authorized', access_token: answer.token })
    return jsonAnswer({ status: answer.state === 'denied' ? 'denied' : 'expired' }, 410)
  } catch (error) {
    return jsonAnswer({ status: 'pending' }, jsonRefusal(error).status)
  }
}
