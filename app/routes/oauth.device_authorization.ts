import type { ActionFunctionArgs } from '@remix-run/node'
import { answered, onlyPost } from '../oauth/answer'
import { readClientForm } from '../oauth/form'
import type { DEVICE_SCOPES } from '../trpc/scopes'

const DEFAULT_SCOPE = 'write'

export const loader = onlyPost

/** RFC 8628 section 3.1: begins a login. `device_name` is an extension: what people read of the device. */
export const action = ({ request, context }: ActionFunctionArgs) =>
  answered(request, async () => {
    const { clientId, form } = await readClientForm(request, ['scope', 'device_name'])
    const asked = new Set((form.scope?.trim() || DEFAULT_SCOPE).split(/ +/))
    const begun = await context.api.deviceGrants.start({
      clientId,
      deviceName: form.device_name ?? '',
      scopes: [...asked] as (typeof DEVICE_SCOPES)[number][],
      protocol: 'oauth',
    })
    return {
      device_code: begun.deviceCode,
      user_code: begun.userCode,
      verification_uri: begun.verificationUrl,
      // Some clients demand it. Without the code: a link that carries one is how people are tricked.
      verification_uri_complete: begun.verificationUrl,
      expires_in: begun.expiresInSeconds,
      interval: begun.intervalSeconds,
    }
  })
