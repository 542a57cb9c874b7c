import type { ActionFunctionArgs } from '@remix-run/node'
import { answered, onlyPost, refusal } from '../oauth/answer'
import { missing, readClientForm } from '../oauth/form'
import { DEVICE_GRANT_TYPE } from '../oauth/grant-type'

export const loader = onlyPost

/** RFC 8628 section 3.4: how a login stands, and once its token. */
export const action = ({ request, context }: ActionFunctionArgs) =>
  answered(request, async () => {
    const { clientId, form } = await readClientForm(request, ['grant_type', 'device_code'])
    if (!form.grant_type) throw missing('grant_type')
    if (form.grant_type !== DEVICE_GRANT_TYPE)
      throw refusal('unsupported_grant_type', `grant_type: must be ${DEVICE_GRANT_TYPE}`)
    if (!form.device_code) throw missing('device_code')
    const deviceCode = form.device_code
    const now = await context.api.deviceGrants.redeem({ deviceCode, clientId })
    switch (now.state) {
      case 'pending':
        throw refusal('authorization_pending', 'Nobody has decided about this login yet.')
      case 'slow_down':
        throw refusal('slow_down', `Wait ${now.intervalSeconds} s between two questions.`, {
          interval: now.intervalSeconds,
          headers: { 'Retry-After': String(now.intervalSeconds) },
        })
      case 'denied':
        throw refusal('access_denied', 'This login was denied.')
      case 'expired':
        throw refusal('expired_token', 'This login took too long. Begin again.')
      case 'invalid':
        throw refusal(
          'invalid_grant',
          'device_code: is none of this client, or was used already. Begin again.',
        )
      case 'redeemed':
        return {
          access_token: now.token,
          token_type: 'Bearer',
          expires_in: now.expiresInSeconds,
          scope: now.scopes.join(' '),
        }
    }
  })
