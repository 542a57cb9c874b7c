import { askFor, bodyOf } from './ask'
import type { Fetch } from './reply'

const CLIENT = 'runcomfy'

/** Ends a token at its server (RFC 7009); one that has ended already is fine. @throws CliError */
export async function revokeToken(fetch: Fetch, server: string, token: string) {
  const answer = await askFor(fetch, `${server}/oauth/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id: CLIENT }),
  })
  bodyOf(answer, { server, source: undefined })
}
