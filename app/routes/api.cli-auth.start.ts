import type { ActionFunctionArgs } from '@remix-run/node'
import * as z from 'zod'
import { CLI_CLIENT } from '../../oauth-settings'
import { badBody, jsonAnswer, jsonBody, jsonRefusal, wrongMethod } from '../json-answer'
import { deviceNameInput, deviceScopesInput } from '../trpc/inputs'

const startRequest = z.object(
  {
    device_name: deviceNameInput.nullish(),
    scopes: deviceScopesInput.nullish(),
  },
  'Send a JSON object, or no body at all.',
)

export const loader = () => wrongMethod('POST')

/** Begins a login of the command line. RunComfy's own sends no body, and wants all of its five fields back. */
export async function action({ context, request }: ActionFunctionArgs) {
  if (request.method !== 'POST') return wrongMethod('POST')
  const { data: asked, error: fault } = startRequest.safeParse(await jsonBody(request))
  if (!asked) return badBody(fault)
  try {
    const started = await context.api.deviceGrants.start({
      clientId: CLI_CLIENT,
      deviceName: asked.device_name ?? undefined,
      scopes: asked.scopes ?? undefined,
      protocol: 'runcomfy',
    })
    return jsonAnswer({
      device_code: started.deviceCode,
      user_code: started.userCode,
      verify_url: started.verificationUrl,
      expires_in: started.expiresInSeconds,
      poll_interval: started.intervalSeconds,
      // The same by their standard names, for clients that know those.
      verification_uri: started.verificationUrl,
      interval: started.intervalSeconds,
    })
  } catch (error) {
    return jsonRefusal(error)
  }
}
