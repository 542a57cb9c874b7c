import type { LoaderFunctionArgs } from '@remix-run/node'
import { jsonAnswer } from '../json-answer'
import { DEVICE_GRANT_TYPE } from '../oauth/grant-type'

/** RFC 8414: what standard clients find out by themselves. */
export async function loader({ context }: LoaderFunctionArgs) {
  const { issuer, scopes, hasResourceServers } = await context.api.oauth.server()
  return jsonAnswer({
    issuer,
    device_authorization_endpoint: `${issuer}/oauth/device_authorization`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    grant_types_supported: [DEVICE_GRANT_TYPE],
    response_types_supported: [],
    scopes_supported: scopes,
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    introspection_endpoint_auth_methods_supported: [
      ...(hasResourceServers ? ['client_secret_basic'] : []),
      'Bearer',
    ],
  })
}
