import type { User } from '~/db/users'
import type { Site } from './site'

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

interface Begun {
  device_code: string
  user_code: string
  [field: string]: unknown
}

/** A program without a browser, which speaks OAuth by hand: forms, and no Origin. */
export function oauthProgram({ visitor, signedIn }: Site, clientId = 'runcomfy') {
  async function post(
    path: string,
    fields: Record<string, string> | string[][] = {},
    headers: Record<string, string> = {},
  ) {
    const {
      status,
      headers: answered,
      text,
    } = await visitor().ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: undefined, ...headers },
      body: new URLSearchParams(fields).toString(),
    })
    return { status, headers: answered, body: JSON.parse(text) }
  }
  const begin = async (fields: Record<string, string> = {}): Promise<Begun> =>
    (await post('/oauth/device_authorization', { client_id: clientId, ...fields })).body
  const poll = ({ device_code }: Pick<Begun, 'device_code'>, client_id = clientId) =>
    post('/oauth/token', { grant_type: GRANT_TYPE, device_code, client_id })
  /** In the user's browser, by the code alone. */
  async function decide(user: User, { user_code }: Pick<Begun, 'user_code'>, decision: 'approve' | 'deny') {
    const input = { userCode: user_code }
    const lookedUp = await signedIn(user).mutate('deviceGrants.lookUp', input)
    const decided = await signedIn(user).mutate(`deviceGrants.${decision}`, input)
    return { lookedUp, decided }
  }
  return {
    post,
    begin,
    poll,
    decide,
    revoke: (token: string, client_id = clientId) => post('/oauth/revoke', { token, client_id }),
    introspect: (token: string, authorization: string) =>
      post('/oauth/introspect', { token }, { authorization }),

    /** @returns the token of a login that this user has authorized */
    async logIn(user: User, fields: Record<string, string> = {}): Promise<string> {
      const begun = await begin(fields)
      await decide(user, begun, 'approve')
      return (await poll(begun)).body.access_token
    },
  }
}

export const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
