/**
 * Where programs without a browser log in. Nothing here takes a cookie as a credential, so a request without an
 * Origin, as programs send it, can harm nobody.
 */
export const PROGRAM_PATHS: ReadonlySet<string> = new Set([
  '/api/cli-auth/start',
  '/api/cli-auth/poll',
  '/oauth/device_authorization',
  '/oauth/token',
  '/oauth/revoke',
  '/oauth/introspect',
])
